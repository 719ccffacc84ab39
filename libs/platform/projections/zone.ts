import { instantAt } from '#kernel/zone';

export { instantAt };

/** The instant at which a calendar day begins in a zone; `YYYY-MM-DD`, IANA zone. */
export function startOfDay(day: string, timeZone: string): Date {
  return instantAt(`${day}T00:00:00`, timeZone);
}

/** The last millisecond of a calendar day in a zone. */
export function endOfDay(day: string, timeZone: string): Date {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return new Date(startOfDay(next, timeZone).getTime() - 1);
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Within the years the database can hold in every zone. */
function inRange(instant: Date): boolean {
  const year = instant.getUTCFullYear();
  return year >= 2 && year <= 9998;
}

/** An instant, or a day that means its end in the workspace's zone; undefined when neither. */
export function pointInTime(text: string, timeZone: string): Date | undefined {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const valid = new Date(`${text}T00:00:00Z`);
    const isDay = !Number.isNaN(valid.getTime()) && valid.toISOString().startsWith(text);
    return isDay && inRange(valid) ? endOfDay(text, timeZone) : undefined;
  }
  const instant = new Date(text);
  const isInstant = INSTANT.test(text) && !Number.isNaN(instant.getTime());
  return isInstant && inRange(instant) ? instant : undefined;
}

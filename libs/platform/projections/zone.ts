const clocks = new Map<string, Intl.DateTimeFormat>();

/** The zone's calendar and clock; making one takes a hundred times as long as asking it. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    clocks.set(timeZone, clock);
  }
  return clock;
}

/** Minutes a zone is ahead of UTC at an instant. */
function offsetAt(instant: number, timeZone: string): number {
  const parts = clockOf(timeZone).formatToParts(instant);
  const get = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(
    get('year'),
    get('month') - 1,
    get('day'),
    get('hour'),
    get('minute'),
    get('second'),
  );
  return (local - Math.floor(instant / 1000) * 1000) / 60_000;
}

/** The instant at which a calendar day begins in a zone; `YYYY-MM-DD`, IANA zone. */
export function startOfDay(day: string, timeZone: string): Date {
  return instantAt(`${day}T00:00:00`, timeZone);
}

/** The instant at which clocks of a zone show `YYYY-MM-DDTHH:mm:ss`; IANA zone. */
export function instantAt(clock: string, timeZone: string): Date {
  const shown = Date.parse(`${clock}Z`);
  // The offset is asked for twice: the first guess may lie on the other side of a change.
  const guess = shown - offsetAt(shown, timeZone) * 60_000;
  return new Date(shown - offsetAt(guess, timeZone) * 60_000);
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

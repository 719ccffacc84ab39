import { dayAt, instantAt } from './zone.js';

/** When people work; days and times are those of the zone. */
export interface WorkTimes {
  /** IANA time zone. */
  readonly timeZone: string;
  /** ISO days of the week, 1 for Monday to 7 for Sunday. */
  readonly workingDays: readonly number[];
  /** Calendar days nobody works, `YYYY-MM-DD`. */
  readonly holidays: readonly string[];
  /** `HH:mm`. */
  readonly opensAt: string;
  readonly closesAt: string;
}

const DAY = 86_400_000;
/** A calendar that has no working day within ten years has none. */
const FARTHEST = 3660;

export function isWorkingDay(day: string, times: WorkTimes): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
  return times.workingDays.includes(weekday) && !times.holidays.includes(day);
}

/**
 * The n-th working day after a day, or before it where n is negative; n = 0 is the day itself, or
 * the next working day. Throws where no working day is left within ten years.
 */
export function addWorkingDays(day: string, n: number, times: WorkTimes): string {
  const step = n < 0 ? -DAY : DAY;
  let left = Math.abs(n);
  let at = Date.parse(`${day}T00:00:00Z`);
  for (let looked = 0; looked < FARTHEST; looked++) {
    const here = new Date(at).toISOString().slice(0, 10);
    const counts = isWorkingDay(here, times) && (looked > 0 || n === 0);
    if (counts && --left <= 0) return here;
    at += step;
  }
  throw new RangeError('the work calendar has no working day within ten years');
}

/** The calendar day of an instant where people work. */
export function workdayOf(instant: Date, times: WorkTimes): string {
  return dayAt(instant, times.timeZone);
}

/** The instant a day begins for those who work. */
export function openingOf(day: string, times: WorkTimes): Date {
  return instantAt(`${day}T${times.opensAt}:00`, times.timeZone);
}

/** The instant a day ends for those who work. */
export function closingOf(day: string, times: WorkTimes): Date {
  return instantAt(`${day}T${times.closesAt}:00`, times.timeZone);
}

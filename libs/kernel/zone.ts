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

/** What the zone's clocks show at an instant, as if it were UTC, in milliseconds. */
function shownAt(instant: number, timeZone: string): number {
  const parts = clockOf(timeZone).formatToParts(instant);
  const get = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(
    get('year'),
    get('month') - 1,
    get('day'),
    get('hour'),
    get('minute'),
    get('second'),
  );
}

/** Minutes a zone is ahead of UTC at an instant. */
function offsetAt(instant: number, timeZone: string): number {
  return (shownAt(instant, timeZone) - Math.floor(instant / 1000) * 1000) / 60_000;
}

/** The calendar day in a zone at an instant, `YYYY-MM-DD`; IANA zone. */
export function dayAt(instant: Date, timeZone: string): string {
  return new Date(shownAt(instant.getTime(), timeZone)).toISOString().slice(0, 10);
}

/** The instant at which clocks of a zone show `YYYY-MM-DDTHH:mm:ss`; IANA zone. */
export function instantAt(clock: string, timeZone: string): Date {
  const shown = Date.parse(`${clock}Z`);
  // The offset is asked for twice: the first guess may lie on the other side of a change.
  const guess = shown - offsetAt(shown, timeZone) * 60_000;
  return new Date(shown - offsetAt(guess, timeZone) * 60_000);
}

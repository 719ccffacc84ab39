import { describe, expect, it } from '@jest/globals';
import { endOfDay, pointInTime, startOfDay } from './zone.js';

describe('days of a zone', () => {
  it.each([
    ['2017-01-15', 'America/New_York', '2017-01-15T05:00:00.000Z'],
    ['2017-07-15', 'America/New_York', '2017-07-15T04:00:00.000Z'],
    ['2017-07-15', 'UTC', '2017-07-15T00:00:00.000Z'],
    ['2026-01-01', 'Pacific/Kiritimati', '2025-12-31T10:00:00.000Z'],
    ['2026-01-01', 'Asia/Kathmandu', '2025-12-31T18:15:00.000Z'],
  ])('%s in %s begins at %s', (day, zone, start) => {
    expect(startOfDay(day, zone).toISOString()).toBe(start);
  });

  it('are 23 or 25 hours long when the clock changes', () => {
    const hours = (day: string) =>
      (endOfDay(day, 'Europe/Zurich').getTime() + 1 - startOfDay(day, 'Europe/Zurich').getTime()) /
      3_600_000;
    expect(['2026-03-28', '2026-03-29', '2026-10-25'].map(hours)).toEqual([24, 23, 25]);
  });

  it('end where they end there, and take instants as they are', () => {
    const at = (text: string) => pointInTime(text, 'America/New_York')?.toISOString();
    expect(at('2017-12-31')).toBe('2018-01-01T04:59:59.999Z');
    expect(at('2017-12-31T12:00:00+02:00')).toBe('2017-12-31T10:00:00.000Z');
    expect(['2017-02-30', 'soon', '2017-12-31T12:00:00'].map(at)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

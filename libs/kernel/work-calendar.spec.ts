import { describe, expect, it } from '@jest/globals';
import { addWorkingDays, closingOf, isWorkingDay, openingOf, workdayOf } from './work-calendar.js';
import { instantAt } from './zone.js';

const times = {
  timeZone: 'Europe/Zurich',
  workingDays: [1, 2, 3, 4, 5],
  holidays: ['2026-04-03', '2026-04-06'],
  opensAt: '09:00',
  closesAt: '17:30',
};

describe('a work calendar', () => {
  it('counts working days only, forward and back', () => {
    expect(isWorkingDay('2026-04-03', times)).toBe(false);
    expect(addWorkingDays('2026-04-02', 1, times)).toBe('2026-04-07');
    expect(addWorkingDays('2026-04-02', 3, times)).toBe('2026-04-09');
    expect(addWorkingDays('2026-04-07', -1, times)).toBe('2026-04-02');
    // From a day off, the first working day after it is one day away.
    expect(addWorkingDays('2026-04-04', 1, times)).toBe('2026-04-07');
    expect(addWorkingDays('2026-04-04', 0, times)).toBe('2026-04-07');
    expect(addWorkingDays('2026-04-07', 0, times)).toBe('2026-04-07');
    expect(addWorkingDays('2026-12-31', 1, times)).toBe('2027-01-01');
  });

  it('opens and closes by the clock of its zone, whatever the season', () => {
    expect(openingOf('2026-03-27', times).toISOString()).toBe('2026-03-27T08:00:00.000Z');
    expect(openingOf('2026-03-30', times).toISOString()).toBe('2026-03-30T07:00:00.000Z');
    expect(closingOf('2026-10-23', times).toISOString()).toBe('2026-10-23T15:30:00.000Z');
    expect(closingOf('2026-10-26', times).toISOString()).toBe('2026-10-26T16:30:00.000Z');
  });

  it('knows which day it is there', () => {
    expect(workdayOf(new Date('2026-03-28T23:30:00Z'), times)).toBe('2026-03-29');
    const auckland = { ...times, timeZone: 'Pacific/Auckland' };
    expect(workdayOf(new Date('2026-03-28T23:30:00Z'), auckland)).toBe('2026-03-29');
    expect(workdayOf(new Date('2026-03-29T10:59:59Z'), auckland)).toBe('2026-03-29');
    expect(workdayOf(new Date('2026-03-29T11:00:00Z'), auckland)).toBe('2026-03-30');
  });

  it('gives an hour the clocks skip to the hour beside it', () => {
    const skipped = instantAt('2026-03-29T02:30:00', 'Europe/Zurich').toISOString();
    expect(['2026-03-29T00:30:00.000Z', '2026-03-29T01:30:00.000Z']).toContain(skipped);
  });

  it('does not look for a working day for ever', () => {
    expect(() => addWorkingDays('2026-04-02', 1, { ...times, workingDays: [] })).toThrow(
      'no working day',
    );
  });
});

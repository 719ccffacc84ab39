import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { followUpWorld } from '#test/support/followups';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

interface Planned {
  readonly beginAt: string;
  readonly does: { readonly at: string };
}

const zurich = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Zurich',
  dateStyle: 'short',
  timeStyle: 'short',
});

/** The fifth working day after an instant at nine in Zurich, found by trying every hour. */
function beginOf(instant: string, holidays: readonly string[]): string {
  let left = 5;
  const start = zurich.format(new Date(instant)).slice(0, 10);
  for (let at = Date.parse(`${instant.slice(0, 13)}:00:00Z`); ; at += 3_600_000) {
    const [day, time] = zurich.format(at).split(' ') as [string, string];
    const weekday = new Date(day).getUTCDay();
    const works = weekday > 0 && weekday < 6 && !holidays.includes(day);
    if (time !== '09:00' || day === start || !works) continue;
    if (--left === 0) return new Date(at).toISOString();
  }
}

describe('a year of follow-ups', () => {
  let test: TestPlatform;
  beforeAll(async () => {
    test = await startTestPlatform();
    await test.platform.sagas.runner.catchUp();
  });
  afterAll(() => test.close());

  it('R15 R16 a year of working days and both changes of the clocks, each step once', async () => {
    // Every tenth day from today on nobody works, whatever day of the week it is.
    const holidays = Array.from({ length: 40 }, (_, n) => inDays(n * 10).slice(0, 10));
    const world = await followUpWorld(test, { calendar: { holidays } });
    const started = performance.now();
    const deals: string[] = [];
    for (let week = 2; week <= 52; week += 2) {
      deals.push(await world.wonDeal());
      await world.advance(inDays(week * 7));
    }
    await world.advance(inDays(400));
    const seconds = (performance.now() - started) / 1000;
    for (const dealId of deals) {
      const found = await world.stream(`followup-${dealId}`);
      expect(found.map(({ type }) => type).filter((type) => !type.endsWith('Fired'))).toEqual([
        'FollowupPlanned',
        'FollowupAssigned',
        'FollowupReminded',
        'FollowupEscalated',
      ]);
    }
    expect(await world.ids('task')).toHaveLength(52);
    const planned = await Promise.all(
      deals.map(async (id) => {
        const { does, beginAt } = (await world.stream(`followup-${id}`))[0]!.data as Planned;
        return [beginAt, beginOf(does.at, holidays)];
      }),
    );
    expect(planned.map(([begin]) => begin)).toEqual(planned.map(([, expected]) => expected));
    // Nine in the morning in Zurich, in winter and in summer.
    const hours = planned.map(([begin]) => begin!.slice(11, 16));
    expect([...new Set(hours)].sort()).toEqual(['07:00', '08:00']);
    process.stdout.write(
      `a year of ${deals.length} follow-ups, each step once: ${seconds.toFixed(1)} s\n`,
    );
  }, 60_000);
});

import { followUpWorld, type FollowUpWorld } from '#test/support/followups';
import { startTestPlatform } from '#test/support/platform';
import { times, type Bench, type Measured } from './bench.js';
import { withClient } from './world.js';

const DAYS = 365;
const EVERY_DAYS = 14;
const DAY = 86_400_000;
const STEPS = ['FollowupPlanned', 'FollowupAssigned', 'FollowupReminded', 'FollowupEscalated'];

/** A deal is won every other week, nobody follows it up, and the clock goes on until all is told. */
async function year(world: FollowUpWorld): Promise<{ deals: string[]; seconds: number }> {
  const start = Date.now();
  const deals: string[] = [];
  for (let day = EVERY_DAYS; day <= DAYS; day += EVERY_DAYS) {
    deals.push(await world.wonDeal());
    await world.advance(new Date(start + day * DAY).toISOString());
  }
  await world.advance(new Date(start + DAYS * DAY).toISOString());
  return { deals, seconds: (Date.now() - start) / 1000 };
}

/** Deals of the last weeks may still have steps before them; all others had each step once. */
async function wrongSteps(world: FollowUpWorld, deals: readonly string[]): Promise<number> {
  let wrong = 0;
  for (const id of deals.slice(0, -4)) {
    const types = (await world.stream(`followup-${id}`)).map(({ type }) => type);
    const steps = types.filter((type) => !type.endsWith('Fired'));
    if (steps.join() !== STEPS.join()) wrong += 1;
  }
  return wrong;
}

async function measure(): Promise<Measured> {
  const test = await startTestPlatform();
  try {
    await test.platform.sagas.runner.catchUp();
    const world = await followUpWorld(test);
    const { deals, seconds } = await year(world);
    const wrong = await wrongSteps(world, deals);
    const { rows, waits } = await withClient(test.test.url, async (db) => {
      const counted = await db.query<{ n: string }>(
        'SELECT count(*) AS n FROM es_event WHERE tenant_id = $1',
        [world.tenantId],
      );
      await db.query('CREATE TABLE bare_step (id serial PRIMARY KEY, data text)');
      const insert = 'INSERT INTO bare_step (data) VALUES ($1)';
      const count = Number(counted.rows[0]!.n);
      return { rows: count, waits: await times(count, () => db.query(insert, ['{}'])) };
    });
    const bare = waits.reduce((sum, one) => sum + one, 0) / 1000;
    return {
      figure: DAYS / seconds,
      baseline: DAYS / bare,
      baselineName: `bare INSERT of its ${rows} events`,
      note: `${deals.length} follow-ups in ${seconds.toFixed(1)} s`,
      ...(wrong > 0 ? { broken: `${wrong} follow-ups did not take each step once` } : {}),
    };
  } finally {
    await test.close();
  }
}

/** How fast a year of a saga passes under a simulated clock. */
export const sagaBenches: readonly Bench[] = [
  { name: 'a year of follow-ups', unit: 'days/s', least: DAYS / 10, run: measure },
];

import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import { median, percentile, times, type Bench, type Measured } from './bench.js';
import { createCompany, keepProjecting, lasting, steadily } from './steady-load.js';
import type { World } from './world.js';

const PER_SECOND = 100;
const SECONDS = 15;

/** When each command was answered, and when its event had become rows. */
class Watch {
  private readonly answered = new Map<string, number>();
  private readonly applied = new Map<string, number>();
  readonly waits: number[] = [];

  answer(commandId: string): void {
    this.meet(commandId, performance.now(), this.answered, this.applied);
  }

  apply = (events: readonly RecordedEvent[]): void => {
    const now = performance.now();
    for (const { commandId } of events) this.meet(commandId, now, this.applied, this.answered);
  };

  /** Rows may be there before the answer is: then nobody waited. */
  private meet(id: string, at: number, own: Map<string, number>, other: Map<string, number>) {
    const first = other.get(id);
    if (first === undefined) own.set(id, at);
    else {
      other.delete(id);
      this.waits.push(own === this.applied ? at - first : 0);
    }
  }
}

/** Companies are created at a steady pace; the share of the time that took, in percent. */
async function load(world: World, watch: Watch): Promise<number> {
  const { failures, seconds } = await steadily(
    PER_SECOND,
    lasting(SECONDS, PER_SECOND),
    async (n) => {
      const commandId = uuidv7();
      const result = await createCompany(world, n, commandId);
      watch.answer(commandId);
      return result;
    },
  );
  if (failures.length > 0) throw new Error(failures[0]);
  return (seconds / SECONDS) * 100;
}

/** How long a committed change stays out of sight, while others go on changing things. */
export function visibilityBenches(theWorld: () => Promise<World>): readonly Bench[] {
  return [
    {
      name: `append to visible row, ${PER_SECOND} commands/s`,
      unit: 'ms p99',
      most: 100,
      run: async (): Promise<Measured> => {
        const world = await theWorld();
        const { projections } = world.platform;
        await keepProjecting(world);
        const watch = new Watch();
        projections.events.on('applied', watch.apply);
        const took = await load(world, watch);
        await sleep(2000);
        projections.events.off('applied', watch.apply);
        const figure = percentile(watch.waits, 0.99);
        const note =
          `p50 ${median(watch.waits).toFixed(1)} ms, worst ${Math.max(...watch.waits).toFixed(0)} ms; ` +
          `${watch.waits.length} of ${PER_SECOND * SECONDS} seen, in ${took.toFixed(0)} % of the time`;
        const baseline = percentile(await bareWrites(world), 0.99);
        return { figure, baseline, baselineName: 'bare INSERT and SELECT of a row', note };
      },
    },
  ];
}

function bareWrites(world: World): Promise<readonly number[]> {
  return world.admin(async (db) => {
    await db.query('CREATE TABLE bare_visible (id uuid PRIMARY KEY, name text)');
    const taken = await times(300, async () => {
      const id = uuidv7();
      await db.query('INSERT INTO bare_visible VALUES ($1, $2)', [id, 'Visible']);
      await db.query('SELECT * FROM bare_visible WHERE id = $1', [id]);
    });
    await db.query('DROP TABLE bare_visible');
    return taken;
  });
}

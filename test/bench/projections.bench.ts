import type { Bench, Measured } from './bench.js';
import { bareInserts } from './bare-rows.js';
import { logActivities } from './activity-log.js';
import { catchUpWith } from './later-events.js';
import type { Rebuilds } from './rebuilding.js';
import type { Stretch, World } from './world.js';

const perSecond = ({ events, seconds }: Stretch) => events / seconds;
const whole = (value: number) => Math.round(value).toLocaleString('en-US');

/** Rebuilds a model, and tells how many of its events went in per second. */
async function measureRebuild(rebuilds: Rebuilds, world: World, name: string) {
  const { events, filling, seconds, memory } = await rebuilds.of(world, name);
  const note =
    `${whole(events)} events; ` +
    `${seconds.toFixed(0)} s with indexes and swap; ` +
    `${memory.early.toFixed(0)} MiB after a tenth, ${memory.most.toFixed(0)} at most`;
  return { figure: events / filling, note };
}

/** How fast rows follow the log: with all indexes beside live traffic, and into a shadow. */
export function projectionBenches(
  theWorld: () => Promise<World>,
  rebuilds: Rebuilds,
): readonly Bench[] {
  const baselineName = 'bare INSERT of the same rows';
  let bare: Promise<number> | undefined;
  const beside = async (world: World): Promise<number> => (bare ??= bareInserts(world, 'contacts'));
  const stretch = (pick: 'created' | 'changed') => async (): Promise<Measured> => {
    const world = await theWorld();
    const found = world[pick] ?? (await catchUpWith(world, pick));
    const baseline = await beside(world);
    const note = `${whole(found.events)} events, ${found.memory.toFixed(0)} MiB`;
    return { figure: perSecond(found), baseline, baselineName, note };
  };
  return [
    { name: 'catch up, new records', unit: 'events/s', run: stretch('created') },
    { name: 'catch up, changed records', unit: 'events/s', run: stretch('changed') },
    {
      name: 'rebuild of contacts, upserting',
      unit: 'events/s',
      least: 10_000,
      run: async () => {
        const world = await theWorld();
        const baseline = await beside(world);
        return { ...(await measureRebuild(rebuilds, world, 'contacts')), baseline, baselineName };
      },
    },
    {
      name: 'rebuild of activities, insert-only',
      unit: 'events/s',
      least: 40_000,
      run: async () => {
        const world = await logActivities();
        try {
          const measured = await measureRebuild(rebuilds, world, 'activities');
          const baseline = await bareInserts(world, 'activities');
          return { ...measured, baseline, baselineName };
        } finally {
          await world.close();
        }
      },
    },
  ];
}

import { Rebuild } from '#platform/projections/rebuild';
import type { Bench, Measured } from './bench.js';
import { bareInserts } from './bare-rows.js';
import type { Stretch, World } from './world.js';

const perSecond = ({ events, seconds }: Stretch) => events / seconds;

/** Rebuilds one read model beside the served one, as an operator would. */
async function rebuild(world: World, name: string) {
  const { platform } = world;
  const model = platform.registry.readModel(name);
  const parts = {
    url: world.url,
    database: platform.database,
    store: platform.store,
    codec: platform.codec,
    definition: (type: string) => platform.codec.definition(type),
  };
  const start = performance.now();
  let filled = start;
  let most = 0;
  const result = await new Rebuild(parts, model).swap({
    progress: () => {
      filled = performance.now();
      most = Math.max(most, process.memoryUsage().rss);
    },
  });
  return {
    events: result.events,
    filling: (filled - start) / 1000,
    seconds: (performance.now() - start) / 1000,
    memory: most / 2 ** 20,
  };
}

/** How fast rows follow the log: with all indexes beside live traffic, and into a shadow. */
export function projectionBenches(theWorld: () => Promise<World>): readonly Bench[] {
  const baselineName = 'bare INSERT of the same rows';
  let bare: Promise<number> | undefined;
  const beside = async (world: World): Promise<number> => (bare ??= bareInserts(world));
  const stretch = (pick: (world: World) => Stretch | undefined) => async (): Promise<Measured> => {
    const world = await theWorld();
    const found = pick(world);
    const baseline = await beside(world);
    if (!found) return { figure: NaN, baseline, baselineName, note: 'only while filling' };
    const note = `${found.events.toLocaleString('en-US')} events, ${found.memory.toFixed(0)} MiB`;
    return { figure: perSecond(found), baseline, baselineName, note };
  };
  return [
    {
      name: 'catch up, new records',
      unit: 'events/s',
      run: stretch(({ created }) => created),
    },
    {
      name: 'catch up, changed records',
      unit: 'events/s',
      run: stretch(({ changed }) => changed),
    },
    {
      name: 'rebuild of contacts',
      unit: 'events/s',
      least: 10_000,
      run: async () => {
        const world = await theWorld();
        const baseline = await beside(world);
        const { events, filling, seconds, memory } = await rebuild(world, 'contacts');
        const note =
          `${events.toLocaleString('en-US')} events; ${seconds.toFixed(1)} s with indexes ` +
          `and swap; ${memory.toFixed(0)} MiB at most`;
        return { figure: events / filling, baseline, baselineName, note };
      },
    },
  ];
}

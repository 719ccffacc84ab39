import { Rebuild } from '#platform/projections/rebuild';
import type { Platform } from '#platform/platform';
import type { Tell } from './progress.js';
import { withClient, type World } from './world.js';

/** How fast a shadow was filled from the log, and what it cost. */
export interface Rebuilt {
  readonly events: number;
  readonly rows: number;
  /** Seconds until the rows were there, without indexes. */
  readonly filling: number;
  /** Seconds until they were served. */
  readonly seconds: number;
  /** Resident memory of the process after a tenth of the way and at its highest, MiB. */
  readonly memory: { readonly early: number; readonly most: number };
}

/** Rebuilds one read model beside the served one, as an operator would. */
export async function rebuild(
  { platform, url }: { readonly platform: Platform; readonly url: string },
  name: string,
  tell?: Tell,
): Promise<Rebuilt> {
  const model = platform.registry.readModel(name);
  const parts = {
    url,
    database: platform.database,
    store: platform.store,
    codec: platform.codec,
    definition: (type: string) => platform.codec.definition(type),
  };
  const start = performance.now();
  const memory = { early: 0, most: 0 };
  let filled = start;
  const { events, rows } = await new Rebuild(parts, model).swap({
    progress: ({ done, share }) => {
      filled = performance.now();
      const now = process.memoryUsage().rss / 2 ** 20;
      memory.most = Math.max(memory.most, now);
      if (share <= 0.1) memory.early = Math.max(memory.early, now);
      tell?.(done, share);
    },
  });
  const seconds = (performance.now() - start) / 1000;
  return { events, rows, filling: (filled - start) / 1000, seconds, memory };
}

/** Drops the rows a rebuild replaced, which until the next one take as much room as those served. */
export async function dropFormer({ url }: { readonly url: string }, name: string): Promise<void> {
  const tables = ['', '_history', '_timeline'].map((part) => `rm_${name}${part}__former`);
  await withClient(url, (db) => db.query(`DROP TABLE IF EXISTS ${tables.join(', ')}`));
}

/** Rebuilds a read model of a world once, for everybody who wants to know how that goes. */
export class Rebuilds {
  private readonly known = new Map<string, Promise<Rebuilt>>();

  of(world: World, name: string): Promise<Rebuilt> {
    const key = `${world.url} ${name}`;
    let found = this.known.get(key);
    if (!found) {
      found = rebuild(world, name).then(async (rebuilt) => {
        await dropFormer(world, name);
        return rebuilt;
      });
      this.known.set(key, found);
    }
    return found;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { wantRebuild, rebuildNotes } from '#platform/projections/rebuild-notes';
import type { Queryable } from '#platform/postgres/database';
import { amount, type Bench, type Measured } from './bench.js';
import type { Ledger } from './ledger.js';
import { residentOf, startWorker, watchMemory } from './processes.js';
import { dropFormer } from './rebuilding.js';
import { stop, type Served } from './served.js';
import type { World } from './world.js';

const IDLE_MS = 8_000;
const LOOK_MS = 200;
const PATIENCE_MS = 300_000;
const MODEL = 'contacts';

interface Bytes {
  readonly events: string;
  readonly json: string;
  readonly heap: string;
  readonly indexes: string;
  readonly beside: string;
}

/** What the log takes on disk, per event; lengths of a sample where there are millions. */
async function bytesPerEvent(world: World): Promise<Measured> {
  const { events, json, heap, indexes, beside } = await world.admin(async (db) => {
    const { rows: counted } = await db.query<{ n: string }>('SELECT count(*) AS n FROM es_event');
    const sample = Number(counted[0]!.n) > 1_000_000 ? 'TABLESAMPLE SYSTEM (2)' : '';
    const { rows } = await db.query<Bytes>(
      `SELECT $1::text AS events, (SELECT avg(octet_length(data) + octet_length(meta))
            FROM es_event ${sample}) AS json,
          pg_table_size('es_event') AS heap, pg_indexes_size('es_event') AS indexes,
          (SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest($2::text[]) AS name) AS beside`,
      [counted[0]!.n, ['es_stream', 'es_command', 'es_subject_key']],
    );
    return rows[0]!;
  });
  const each = (bytes: string) => Number(bytes) / Number(events);
  const note =
    `table ${each(heap).toFixed(0)}, indexes ${each(indexes).toFixed(0)}; streams, answers and ` +
    `keys another ${each(beside).toFixed(0)}; ${amount(Number(events))} events`;
  return {
    figure: each(heap) + each(indexes),
    baseline: Number(json),
    baselineName: 'its data and metadata as JSON',
    note,
  };
}

interface Memory {
  readonly idle: number;
  readonly rebuilding: number;
  readonly note: string;
}

/** A worker process at rest, and while it rebuilds a read model as after an upgrade. */
async function measureWorker(world: Ledger): Promise<Memory> {
  let worker: Served | undefined;
  try {
    worker = await startWorker(world, world.dataDir);
    const pid = worker.child.pid!;
    await sleep(IDLE_MS);
    const idle = residentOf(pid);
    const memory = watchMemory(pid);
    const start = performance.now();
    const events = await rebuildByWorker(world);
    const seconds = (performance.now() - start) / 1000;
    const rebuilding = memory.stop();
    return { idle, rebuilding, note: `${amount(events)} events in ${seconds.toFixed(0)} s` };
  } finally {
    if (worker) await stop(worker);
    await dropFormer(world, MODEL);
  }
}

/** Waits until the worker has served the rows anew; answers how many events it last spoke of. */
function rebuildByWorker({ admin }: World): Promise<number> {
  return admin(async (db) => {
    const query = db as unknown as Queryable;
    await wantRebuild(query, MODEL);
    let events = 0;
    for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await sleep(LOOK_MS)) {
      const note = (await rebuildNotes(query)).get(MODEL);
      if (!note) return events;
      if (note.state === 'stopped') throw new Error(note.problem ?? 'the rebuild stopped');
      events = note.events;
    }
    throw new Error('the worker did not rebuild');
  });
}

export interface SizeParts {
  readonly world: () => Promise<World>;
  readonly ledger: () => Promise<Ledger>;
  readonly bareServer: () => Promise<Served>;
}

/** What an event takes on disk, and a worker in memory. */
export function sizeBenches({ world, ledger, bareServer }: SizeParts): readonly Bench[] {
  let memory: Promise<Memory> | undefined;
  const worker = async () => (memory ??= measureWorker(await ledger()));
  return [
    {
      name: 'room of an event on disk, indexes included',
      unit: 'bytes',
      run: async () => bytesPerEvent(await world()),
    },
    {
      name: 'resident memory of a worker at rest',
      unit: 'MiB',
      run: async () => {
        const { idle: figure } = await worker();
        const { pid } = (await bareServer()).child;
        return { figure, baseline: residentOf(pid!), baselineName: 'bare Fastify server' };
      },
    },
    {
      name: 'resident memory of a worker that rebuilds',
      unit: 'MiB',
      run: async () => {
        const { idle: baseline, rebuilding: figure, note } = await worker();
        return { figure, baseline, baselineName: 'the same worker at rest', note };
      },
    },
  ];
}

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { product } from '#apps/composition/product';
import { everything, type RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { Platform } from '#platform/platform';
import { roleName, ROLES } from '#platform/postgres/database';
import { serverUrl } from '#test/support/database';
import { HistoryWriter } from './history-writer.js';
import { MadeUp, type Size } from './made-up.js';
import { progress } from './progress.js';

/** How fast the projector took in a stretch of the log, and what it cost. */
export interface Stretch {
  readonly events: number;
  readonly seconds: number;
  /** Resident memory of the process at its end, MiB. */
  readonly memory: number;
}

/** A workspace of one size, projected, and what its filling showed. */
export interface World {
  readonly platform: Platform;
  readonly url: string;
  readonly ctx: RequestContext;
  readonly size: Size;
  /** Events in the whole log; absent where they are few. */
  readonly events?: number;
  /** Absent where the data were there already. */
  readonly created?: Stretch;
  readonly changed?: Stretch;
  admin<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** The usual bench. */
export const USUAL = {
  ...{ companies: 1_000, contacts: 100_000, deals: 10_000, changes: 1 },
} as const satisfies Size;

/** How many events {@link MadeUp} makes of records and what happened to them later, on average. */
export function eventsOf({ companies, contacts, deals, changes }: Size): number {
  return companies + contacts * (1 + changes) + deals * (1 + Math.min(2, Math.ceil(changes)));
}

const NOTHING: Size = { companies: 0, contacts: 0, deals: 0, changes: 0 };

/** Work on a connection with the rights of the server's administrator. */
export async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function dropDatabase(name: string): Promise<void> {
  await withClient(serverUrl(), async (db) => {
    await db.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    for (const role of ROLES) await db.query(`DROP ROLE IF EXISTS ${roleName(name, role)}`);
  });
}

/** The product over a database. */
export function openPlatform(url: string, masterKey: Buffer): Promise<Platform> {
  return Platform.open({
    ...{ url, masterKey, product, poolSize: 10, allowUnsafeDurability: true },
    log: ({ message, error }) => console.error(message, error ?? ''),
  });
}

/** A workspace as the benches use it; who measures may do everything. */
export function worldOf(platform: Platform, url: string, tenantId: string, size: Size) {
  const ctx: RequestContext = {
    tenantId,
    actor: { type: 'user', id: uuidv7() },
    grants: everything,
    requestId: uuidv7(),
    correlationId: uuidv7(),
  };
  const admin = <Result>(work: (client: pg.Client) => Promise<Result>) => withClient(url, work);
  return { platform, url, ctx, size, admin };
}

/** Projects what is waiting, and tells how fast that went for so many events. */
export async function catchUp(platform: Platform, events: number): Promise<Stretch> {
  const start = performance.now();
  await platform.projections.catchUp();
  const seconds = (performance.now() - start) / 1000;
  return { events, seconds, memory: process.memoryUsage().rss / 2 ** 20 };
}

/** An empty workspace in a database of its own, which is dropped when closed. */
export async function emptyWorld(size: Size = NOTHING): Promise<World> {
  const database = `cf_bench_${randomBytes(4).toString('hex')}`;
  await withClient(serverUrl(), (db) => db.query(`CREATE DATABASE ${database}`));
  const target = new URL(serverUrl());
  target.pathname = `/${database}`;
  const url = target.toString();
  const platform = await openPlatform(url, randomBytes(32));
  return {
    ...worldOf(platform, url, uuidv7(), size),
    close: async () => {
      await platform.close();
      await dropDatabase(database);
    },
  };
}

/** The workspace of the usual bench: made anew, and dropped when closed. */
export async function openWorld(size: Size, say: (line: string) => void): Promise<World> {
  const world = await emptyWorld(size);
  const stretches = await fill(world.platform, world.ctx.tenantId, size, say);
  await world.admin((db) => db.query('VACUUM ANALYZE'));
  return { ...world, ...stretches };
}

/**
 * Empty read models say they have seen the whole log, so that the projector leaves it to a rebuild,
 * which is many times faster. `before` hears which they are.
 */
export async function skipLog(
  platform: Platform,
  url: string,
  before?: (models: readonly string[]) => void,
): Promise<void> {
  await platform.store.settled();
  const [epoch, xid, pos] = (await platform.store.head()).split('.');
  await withClient(url, async (db) => {
    const { rows } = await db.query<{ processor: string }>(
      'SELECT DISTINCT processor FROM es_checkpoint WHERE shard >= 0 AND epoch = 0',
    );
    const empty = rows.map(({ processor }) => processor);
    before?.(empty);
    await db.query(
      `UPDATE es_checkpoint SET epoch = $1, xid = $2::text::xid8, pos = $3
        WHERE shard >= 0 AND processor = ANY ($4)`,
      [epoch, xid, pos, empty],
    );
  });
}

async function fill(
  platform: Platform,
  tenantId: string,
  size: Size,
  say: (line: string) => void,
): Promise<{ created: Stretch; changed: Stretch }> {
  const made = new MadeUp(size);
  const total = eventsOf(size);
  const tell = progress('events written', say);
  const writer = new HistoryWriter(platform, tenantId, {
    progress: (_appends, events) => tell(events, events / total),
  });
  say(`making up ${size.contacts.toLocaleString('en-US')} contacts …`);
  await writer.write(made.creations());
  const creations = writer.written;
  const created = await catchUp(platform, creations);
  say(`  ${creations.toLocaleString('en-US')} events projected`);
  await writer.write(made.changes());
  const changed = await catchUp(platform, writer.written - creations);
  say(`  ${writer.written.toLocaleString('en-US')} events projected`);
  return { created, changed };
}

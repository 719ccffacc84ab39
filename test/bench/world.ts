import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { product } from '#apps/composition/product';
import { everything, type RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { Platform } from '#platform/platform';
import { roleName, ROLES } from '#platform/postgres/database';
import { serverUrl } from '#test/support/database';
import { HistoryWriter } from './history-writer.js';
import { MadeUp, type Size } from './made-up.js';

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
  /** Absent where the data were there already. */
  readonly created?: Stretch;
  readonly changed?: Stretch;
  admin<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** The usual bench, and the one at full size. */
export const SIZES = {
  usual: { companies: 1_000, contacts: 100_000, deals: 10_000, changes: 1 },
  full: { companies: 10_000, contacts: 1_000_000, deals: 100_000, changes: 1 },
} as const satisfies Record<string, Size>;

interface Marker {
  readonly tenantId: string;
  readonly database: string;
  readonly masterKey: string;
  readonly size: Size;
}

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>) {
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

async function opened(marker: Marker) {
  const target = new URL(serverUrl());
  target.pathname = `/${marker.database}`;
  const url = target.toString();
  const platform = await Platform.open({
    url,
    masterKey: Buffer.from(marker.masterKey, 'hex'),
    poolSize: 10,
    allowUnsafeDurability: true,
    product,
    log: ({ message, error }) => console.error(message, error ?? ''),
  });
  const ctx: RequestContext = {
    tenantId: marker.tenantId,
    actor: { type: 'user', id: uuidv7() },
    grants: everything,
    requestId: uuidv7(),
    correlationId: uuidv7(),
  };
  return { platform, url, ctx };
}

async function catchUp(platform: Platform, events: number): Promise<Stretch> {
  const start = performance.now();
  await platform.projections.catchUp();
  const seconds = (performance.now() - start) / 1000;
  return { events, seconds, memory: process.memoryUsage().rss / 2 ** 20 };
}

/**
 * The workspace to measure lists and projections on. With a `folder` it is kept there between runs,
 * without one it is made anew and dropped when closed.
 */
export async function openWorld(
  size: Size,
  say: (line: string) => void,
  folder?: string,
): Promise<World> {
  const file = folder && join(folder, `world-${size.contacts}-${size.changes}.json`);
  const kept = file && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const marker = kept
    ? (JSON.parse(kept) as Marker)
    : {
        tenantId: uuidv7(),
        database: `cf_bench_${randomBytes(4).toString('hex')}`,
        masterKey: randomBytes(32).toString('hex'),
        size,
      };
  if (!kept) await withClient(serverUrl(), (db) => db.query(`CREATE DATABASE ${marker.database}`));
  const { platform, url, ctx } = await opened(marker);
  const stretches = kept ? {} : await fill(platform, ctx.tenantId, size, say);
  // Where a read model was declared anew since, it is projected again.
  await platform.projections.catchUp();
  if (!kept) await withClient(url, (db) => db.query('VACUUM ANALYZE'));
  if (folder && file && !kept) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify(marker));
  }
  return {
    ...{ platform, url, ctx, size },
    ...stretches,
    admin: (work) => withClient(url, work),
    close: async () => {
      await platform.close();
      if (!file) await dropDatabase(marker.database);
    },
  };
}

async function fill(
  platform: Platform,
  tenantId: string,
  size: Size,
  say: (line: string) => void,
): Promise<{ created: Stretch; changed: Stretch }> {
  const made = new MadeUp(size);
  const writer = new HistoryWriter(platform, tenantId);
  let told = Date.now();
  const tell = (written: number) => {
    if (Date.now() - told < 15_000) return;
    told = Date.now();
    say(`  ${written.toLocaleString('en-US')} events written`);
  };
  say(`making up ${size.contacts.toLocaleString('en-US')} contacts …`);
  await writer.write(made.creations(), tell);
  const creations = writer.written;
  const created = await catchUp(platform, creations);
  say(`  ${creations.toLocaleString('en-US')} events projected`);
  await writer.write(made.changes(), tell);
  const changed = await catchUp(platform, writer.written - creations);
  say(`  ${writer.written.toLocaleString('en-US')} events projected`);
  return { created, changed };
}

import pg from 'pg';
import { checkEpoch, UnsafeDatabaseError } from '../postgres/boot-checks.js';
import type { Database, Queryable } from '../postgres/database.js';
import { tablesOf } from '../projections/physical.js';

/** Whether log, read models and server do not fit together, as after a restore. */
export async function epochNeeded(database: Database): Promise<boolean> {
  try {
    const feed = database.pool('feed') as unknown as Queryable;
    await checkEpoch(feed);
    await checkCheckpoints(feed);
    return false;
  } catch (error) {
    if (error instanceof UnsafeDatabaseError) return true;
    throw error;
  }
}

const AHEAD = `SELECT c.processor, c.shard FROM es_checkpoint c
  WHERE (c.epoch, c.xid, c.pos) > (0, '0'::xid8, 0)
    AND NOT EXISTS (SELECT FROM es_event e WHERE (e.epoch, e.xid, e.pos) >= (c.epoch, c.xid, c.pos))
  ORDER BY 1`;

/**
 * Refuses to serve read models that have applied more than the log holds, as after an older log was
 * restored beside them. Throws {@link UnsafeDatabaseError}.
 */
export async function checkCheckpoints(feed: Queryable): Promise<void> {
  const { rows } = await feed.query<{ processor: string }>(`${AHEAD} LIMIT 1`);
  if (!rows[0]) return;
  throw new UnsafeDatabaseError(
    `${rows[0].processor} has applied events that the log does not have: an older log was ` +
      'restored beside newer rows. Open a new epoch, which drops such rows to be built again, ' +
      'with: npm run cli -- epoch open --reason "restored"',
  );
}

/** What opening an epoch came to. */
export interface OpenedEpoch {
  readonly epoch: number;
  /** Read models and sagas that were ahead of the log. */
  readonly reset: readonly string[];
}

/** Opens the next epoch: what is written from now on comes after all there is. Migrator's URL. */
export async function openEpoch(
  url: string,
  reason: string,
  models: readonly string[] = [],
): Promise<OpenedEpoch> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    const reset = await resetAhead(client, models);
    const epoch = await openNextEpoch(client, reason);
    await client.query('COMMIT');
    return { epoch, reset };
  } finally {
    await client.end();
  }
}

/** The same within a transaction of the owner's. */
export async function openNextEpoch(owner: pg.Client, reason: string): Promise<number> {
  const { rows } = await owner.query<{ epoch: number }>(
    `INSERT INTO es_epoch (epoch, reason) SELECT coalesce(max(epoch), 0) + 1, $1 FROM es_epoch
     RETURNING epoch`,
    [reason],
  );
  return rows[0]!.epoch;
}

/**
 * What has applied more than there is begins anew: read models without the rows nobody can vouch
 * for, sagas with what comes from now on, since what they did is done.
 */
async function resetAhead(owner: pg.Client, models: readonly string[]): Promise<readonly string[]> {
  // Policies hold for the owner too; without these two it would see no event at all.
  await owner.query('ALTER TABLE es_event NO FORCE ROW LEVEL SECURITY');
  const { rows } = await owner.query<{ processor: string }>(AHEAD);
  const ahead = [...new Set(rows.map(({ processor }) => processor))];
  for (const processor of ahead) {
    const name = processor.replace(/__next$/, '');
    const tables = models.includes(name)
      ? Object.values(tablesOf({ name }, processor === name ? '' : '__next'))
      : [];
    for (const table of tables as string[]) {
      const there = await owner.query('SELECT FROM pg_class WHERE relname = $1', [table]);
      if (there.rowCount) await owner.query(`TRUNCATE ${table}`);
    }
    const to = tables.length > 0 ? `(0, '0'::xid8, 0)` : `(${NEWEST})`;
    // Every shard: the rows of all of them are gone.
    await owner.query(`UPDATE es_checkpoint SET (epoch, xid, pos) = ${to} WHERE processor = $1`, [
      processor,
    ]);
  }
  if (ahead.length > 0) await owner.query('DELETE FROM es_passed');
  await owner.query('ALTER TABLE es_event FORCE ROW LEVEL SECURITY');
  return ahead;
}

const NEWEST = `SELECT coalesce(max(epoch), 0), coalesce((array_agg(xid ORDER BY epoch DESC, xid DESC, pos DESC))[1], '0'::xid8),
  coalesce((array_agg(pos ORDER BY epoch DESC, xid DESC, pos DESC))[1], 0)
  FROM (SELECT epoch, xid, pos FROM es_event ORDER BY epoch DESC, xid DESC, pos DESC LIMIT 1) e`;

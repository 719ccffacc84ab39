import pg from 'pg';
import { checkEpoch, UnsafeDatabaseError } from '../postgres/boot-checks.js';
import type { Database, Queryable } from '../postgres/database.js';

/** Whether the newest event is ahead of the server's own transactions, as after a restore. */
export async function epochNeeded(database: Database): Promise<boolean> {
  try {
    await checkEpoch(database.pool('feed') as unknown as Queryable);
    return false;
  } catch (error) {
    if (error instanceof UnsafeDatabaseError) return true;
    throw error;
  }
}

/** Opens the next epoch: what is written from now on comes after all there is. Migrator's URL. */
export async function openEpoch(url: string, reason: string): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ epoch: number }>(
      `INSERT INTO es_epoch (epoch, reason) SELECT max(epoch) + 1, $1 FROM es_epoch
       RETURNING epoch`,
      [reason],
    );
    return rows[0]!.epoch;
  } finally {
    await client.end();
  }
}

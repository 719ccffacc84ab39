import pg from 'pg';
import type { Queryable } from './database.js';

/** The database is not one that acknowledged writes could be trusted to; the message says why. */
export class UnsafeDatabaseError extends Error {}

const DURABLE = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

/**
 * Refuses a server that is too old, may lose acknowledged commits, cannot hold the locks of all
 * connections, or whose transaction ids restarted under the log (a restore into a new cluster).
 * Answers what durability it goes without where that is allowed.
 * Throws {@link UnsafeDatabaseError}.
 */
export async function checkServer(
  url: string,
  options: { readonly allowUnsafeDurability: boolean; readonly poolSize: number },
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings
        WHERE name = ANY ($1) OR name IN ('server_version_num', 'max_connections',
          'max_locks_per_transaction', 'max_prepared_transactions')`,
      [DURABLE],
    );
    const setting = new Map(rows.map((row) => [row.name, row.setting]));
    const number = (name: string) => Number(setting.get(name));
    if (number('server_version_num') < 150_000) {
      throw new UnsafeDatabaseError('PostgreSQL 15 or newer is needed.');
    }
    const unsafe = DURABLE.filter((name) => setting.get(name) === 'off');
    if (unsafe.length > 0 && !options.allowUnsafeDurability) {
      throw new UnsafeDatabaseError(
        `The server runs with ${unsafe.join(', ')} off, so acknowledged changes may be lost. ` +
          'Turn them on, or set ALLOW_UNSAFE_DURABILITY=true for throw-away data.',
      );
    }
    // Two appends run at once per process; each may hold a few hundred advisory locks.
    const locks =
      (number('max_connections') + number('max_prepared_transactions')) *
      number('max_locks_per_transaction');
    if (locks < 2 * 512) {
      throw new UnsafeDatabaseError(
        `max_locks_per_transaction × max_connections is ${locks}; 1,024 is the least that works.`,
      );
    }
    if (options.poolSize * 2 + 5 > number('max_connections')) {
      throw new UnsafeDatabaseError(
        `DATABASE_POOL_SIZE ${options.poolSize} needs ${options.poolSize * 2 + 5} connections; ` +
          `the server allows ${number('max_connections')}.`,
      );
    }
    return unsafe;
  } finally {
    await client.end();
  }
}

/**
 * Refuses to serve a log whose newest event is ahead of the server's own transactions. Needs a role
 * that sees the events of every tenant.
 */
export async function checkEpoch(feed: Queryable): Promise<void> {
  const { rows } = await feed.query<{ ahead: boolean }>(
    `SELECT coalesce((SELECT e.xid FROM es_event e WHERE e.epoch = (SELECT max(epoch) FROM es_epoch)
        ORDER BY e.epoch DESC, e.xid DESC LIMIT 1) >= pg_snapshot_xmax(pg_current_snapshot()), false)
        AS ahead`,
  );
  if (rows[0]?.ahead) {
    throw new UnsafeDatabaseError(
      'The log was written by another server: its transactions are ahead of this one. ' +
        'Open a new epoch with: npm run cli -- epoch open --reason "restored"',
    );
  }
}

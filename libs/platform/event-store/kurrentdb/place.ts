import pg from 'pg';
import { openNextEpoch } from '../../operations/epoch.js';
import { UnsafeDatabaseError } from '../../postgres/boot-checks.js';
import type { Database } from '../../postgres/database.js';
import type { ServerPosition } from './records.js';
import type { KurrentDbServer } from './server.js';

/** Where the log of a database is, and which epoch the rows of its copy carry. */
export interface LogPlace {
  readonly store: 'postgres' | 'kurrentdb';
  readonly epoch: number;
}

export async function logPlace(database: Database): Promise<LogPlace> {
  const { rows } = await database.pool('feed').query<LogPlace>('SELECT store, epoch FROM es_log');
  return rows[0]!;
}

/** Whether the database holds events at all. */
export async function hasEvents(database: Database): Promise<boolean> {
  const { rowCount } = await database.pool('feed').query('SELECT FROM es_event LIMIT 1');
  return (rowCount ?? 0) > 0;
}

/**
 * Moves the log: what is written from now on is in the other store. Copied events get an epoch of
 * their own below the current one, so that the feed shows them all and older checkpoints hold.
 * Answers that epoch. Migrator's URL; no server may be running.
 *
 * @param copied up to where the database holds what is on the server
 * @param again although the log is there already: to another server, or one that was restored,
 *   where events stand elsewhere
 */
export async function moveLog(
  url: string,
  store: LogPlace['store'],
  copied: ServerPosition = { commit: 0n, prepare: 0n },
  again = false,
): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<LogPlace>('SELECT store, epoch FROM es_log FOR UPDATE');
    let { epoch } = rows[0]!;
    if (again || rows[0]!.store !== store) {
      epoch = await openNextEpoch(client, `the log is in ${store}`);
      if (store === 'kurrentdb')
        await openNextEpoch(client, 'the copy of the log is in the one before');
      await client.query(
        `UPDATE es_log SET store = $1, epoch = $2, xid = $3::text::xid8, pos = $4,
          since = clock_timestamp()`,
        [store, epoch, String(copied.commit), String(copied.prepare)],
      );
    }
    await client.query('COMMIT');
    return epoch;
  } finally {
    await client.end();
  }
}

/** Refuses a database whose log is in KurrentDB. Throws {@link UnsafeDatabaseError}. */
export async function checkWithout(database: Database): Promise<void> {
  if ((await logPlace(database)).store === 'postgres') return;
  throw new UnsafeDatabaseError(
    'The log of this database is in KurrentDB: set KURRENTDB_URL, or bring it back with: ' +
      'npm run cli -- events copy --to postgres',
  );
}

/**
 * Takes an empty database over, and refuses one whose log is in PostgreSQL or on another server.
 * Answers the epoch of copied events. Throws {@link UnsafeDatabaseError}.
 */
export async function checkWith(
  url: string,
  database: Database,
  server: KurrentDbServer,
): Promise<number> {
  const { store, epoch } = await logPlace(database);
  if (store === 'postgres') {
    if (!(await hasEvents(database))) return moveLog(url, 'kurrentdb');
    throw new UnsafeDatabaseError(
      'The log of this database is in PostgreSQL: unset KURRENTDB_URL, or move it with: ' +
        'npm run cli -- events copy --to kurrentdb',
    );
  }
  const { rows } = await database.pool('feed').query<{
    tenant: string;
    stream: string;
    version: string;
    hash: string;
  }>(
    `SELECT e.tenant_id AS tenant, e.stream_id AS stream, e.version,
        encode(e.hash, 'hex') AS hash
       FROM es_event e ORDER BY e.epoch DESC, e.xid DESC, e.pos DESC LIMIT 1`,
  );
  const [last] = rows;
  if (!last) return epoch;
  const name = server.names.of(last.tenant, last.stream);
  const found = await server.at(name, Number(last.version), epoch);
  if (found?.hash !== last.hash) {
    throw new UnsafeDatabaseError(
      `KurrentDB at ${server.hosts} does not hold the log of this database: revision ` +
        `${last.version} of ${last.stream} is missing or another. Set KURRENTDB_URL to the ` +
        'server the log was written to. Where that one lost events, write what the database ' +
        'holds to it with: npm run cli -- events copy --to kurrentdb',
    );
  }
  return epoch;
}

import type { Database } from '../postgres/database.js';

/** The oldest transaction that writes: the feed shows nothing that was appended after it began. */
export interface HorizonHolder {
  /** Process of the database server; null for a prepared transaction, or where it is not told. */
  readonly pid: number | null;
  /** Application name of the connection, or the name of the prepared transaction. */
  readonly application: string | null;
  readonly database: string | null;
  /** Age of the transaction; null where the database user may not know it. */
  readonly seconds: number | null;
}

interface HolderRow {
  pid: number | null;
  application: string | null;
  database: string | null;
  seconds: number | null;
}

/** Whoever holds the feed back at present, in whichever database of the server; mostly nobody. */
export async function horizonHolder(database: Database): Promise<HorizonHolder | undefined> {
  // The snapshot says that somebody writes even where rights do not let us see who.
  const { rows } = await database.pool('feed').query<HolderRow & { running: boolean }>(
    `SELECT s.running, o.* FROM (
        SELECT pg_snapshot_xmin(c) < pg_snapshot_xmax(c) AS running FROM pg_current_snapshot() AS c) s
      LEFT JOIN (
        SELECT pid, nullif(application_name, '') AS application, datname AS database,
            extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds,
            age(backend_xid) AS xids
          FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
        UNION ALL
        SELECT NULL, gid, database, extract(epoch FROM clock_timestamp() - prepared)::float8,
            age(transaction) FROM pg_prepared_xacts) o ON true
      ORDER BY o.xids DESC NULLS LAST LIMIT 1`,
  );
  const [row] = rows;
  if (!row || (!row.running && row.seconds === null)) return undefined;
  const { pid, application, database: name, seconds } = row;
  return { pid, application, database: name, seconds: seconds && Math.round(seconds * 10) / 10 };
}

/** Who it is, in words for people: `process 123 (psql, database crm)`. */
export function holderWords({ pid, application, database }: HorizonHolder): string {
  const more = [application, database && `database ${database}`].filter(Boolean).join(', ');
  const who = pid === null ? 'a transaction' : `process ${pid}`;
  return more ? `${who} (${more})` : who;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { DERIVED_WRITES, type Queryable } from '../postgres/database.js';
import type { Pace } from './pace.js';
import type { ModelTables } from './physical.js';

/** One row that the log does not explain. */
export interface Difference {
  readonly table: 'live' | 'history' | 'timeline';
  readonly kind: 'changed' | 'lost' | 'added';
  readonly tenantId: string;
  readonly id: string;
}
/** Whoever comes meanwhile waits behind a lock that is not granted yet. */
const LOCK_MS = 100;
const LOCK_ATTEMPTS = 100;
/** Long enough for those who waited. */
const PAUSE_MS = 200;
const KEYS = { live: ['id'], history: ['id', 'revision'], timeline: ['id', 'part'] } as const;

export async function run(client: pg.Client, statements: readonly string[]): Promise<void> {
  await client.query(statements.join(';\n'));
}

/** Columns of a table, in its order. */
export async function columnNames(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [`public.${table}`],
  );
  return rows.map(({ name }) => name);
}

async function locked(
  owner: pg.Client,
  tables: readonly string[],
  lock: 'writers' | 'everybody',
): Promise<boolean> {
  const statement =
    lock === 'writers'
      ? `LOCK TABLE ${tables.join(', ')} IN SHARE ROW EXCLUSIVE MODE`
      : `LOCK TABLE ${['ONLY rm_timeline', ...tables].join(', ')} IN ACCESS EXCLUSIVE MODE`;
  await owner.query(`SET LOCAL lock_timeout = ${LOCK_MS}; SAVEPOINT locks`);
  try {
    await owner.query(statement);
    await owner.query('SET LOCAL lock_timeout = 0');
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error;
    await owner.query('ROLLBACK TO SAVEPOINT locks');
    return false;
  }
}

class Busy extends Error {}

/** Locks tables in a transaction that is under way. */
export async function lockTables(
  owner: pg.Client,
  tables: readonly string[],
  lock: 'writers' | 'everybody',
): Promise<void> {
  for (let attempt = 1; !(await locked(owner, tables, lock)); attempt++) {
    if (attempt === LOCK_ATTEMPTS) throw new Busy(`${tables.join(', ')} is read without an end`);
    await sleep(PAUSE_MS);
  }
}

/**
 * Begins a transaction in which no projection and no rebuild writes rows, and takes its strongest
 * locks at once, the timeline's parent first as its readers do: asked for later, they would meet
 * a reader that waits for what is held already. Where it has to wait, `meanwhile` does what would
 * have to be done under the locks.
 */
export async function beginLocked(
  owner: pg.Client,
  tables: readonly string[],
  lock: 'writers' | 'everybody',
  meanwhile: () => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await owner.query('BEGIN');
    // Autovacuum gives way to one who waits for a second; nobody else is kept by this lock.
    await owner.query(`LOCK TABLE ${tables.join(', ')} IN SHARE UPDATE EXCLUSIVE MODE`);
    await owner.query(`SELECT pg_advisory_xact_lock(${DERIVED_WRITES})`);
    if (await locked(owner, tables, lock)) return;
    // Behind a long read: step aside, so that nobody queues behind us, and try again.
    await owner.query('ROLLBACK');
    if (attempt === LOCK_ATTEMPTS) throw new Busy(`${tables.join(', ')} is read without an end`);
    await sleep(PAUSE_MS);
    await meanwhile();
  }
}

/** Renames a table with its indexes, so that the next rebuild finds its names free. */
export async function renameTable(owner: pg.Client, from: string, to: string): Promise<void> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT i.indexrelid::regclass::text AS name FROM pg_index i
          WHERE i.indrelid = to_regclass($1)`,
    [`public.${from}`],
  );
  await run(owner, [
    `ALTER TABLE ${from} RENAME TO ${to}`,
    ...rows
      .filter(({ name }) => name.startsWith(`${from}_`))
      .map(({ name }) => `ALTER INDEX ${name} RENAME TO ${name.replace(from, to)}`),
  ]);
}

/**
 * The indexes a part of the timeline will have: built before it is attached, they need not be built
 * then, while everybody waits.
 */
export async function timelineIndexes(owner: pg.Client, table: string): Promise<string[]> {
  const { rows } = await owner.query<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = 'public.rm_timeline'::regclass AND NOT i.indisprimary`,
  );
  return rows.map(({ name, definition }) => {
    const own = name.replace('rm_timeline', table);
    return definition.replace(/^.*? USING /, `CREATE INDEX ${own} ON ${table} USING `);
  });
}

/** Autovacuum would be at it again and again while the table grows; {@link finishTables} is, once. */
export const leaveUntidied = (table: string) =>
  `ALTER TABLE ${table} SET (autovacuum_enabled = off)`;
export const letTidy = (table: string) => `ALTER TABLE ${table} RESET (autovacuum_enabled)`;

export async function countRows(query: Queryable, table: string): Promise<number> {
  const { rows } = await query.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`);
  return Number(rows[0]!.n);
}

/**
 * Makes tables that were filled ready to be read, beside everything else: builds indexes, those
 * again that were cut short, and takes statistics, so that the first reader's plans are right.
 * Inverted indexes, the dearest to write to, come last; `between` is called after each statement.
 */
export async function finishTables(
  builder: pg.Client,
  tables: readonly string[],
  indexes: readonly string[],
  pace: Pace,
  between: () => Promise<void>,
): Promise<void> {
  const { rows } = await builder.query<{ name: string }>(
    `SELECT i.indexrelid::regclass::text AS name FROM pg_index i
      WHERE NOT i.indisvalid AND i.indrelid IN (SELECT to_regclass(t) FROM unnest($1::text[]) t)`,
    [tables.map((name) => `public.${name}`)],
  );
  for (const { name } of rows) await builder.query(`DROP INDEX ${name}`);
  const isInverted = (index: string) => Number(index.includes(' USING gin '));
  const statements = [
    // Who reads a row first marks it, which logs its page: an index would do that all in one go.
    ...tables.map((table) => `VACUUM ${table}`),
    ...[...indexes]
      .sort((one, other) => isInverted(one) - isInverted(other))
      .map((one) => one.replace('CREATE INDEX ', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS ')),
    ...tables.map((table) => `ANALYZE ${table}`),
  ];
  for (const statement of statements) {
    await pace.statement(builder, statement);
    await between();
  }
}

/** Rows that differ, are missing from, or are only in the served table; a hundred at most. */
export async function compareTables(
  owner: pg.Client,
  key: keyof ModelTables,
  live: string,
  shadow: string,
): Promise<Difference[]> {
  const names = await columnNames(owner, live);
  const keys = ['tenant_id', ...KEYS[key]];
  const row = (alias: string) => `ROW(${names.map((name) => `${alias}.${name}`).join(', ')})`;
  const { rows } = await owner.query<{ kind: Difference['kind']; tenant_id: string; id: string }>(
    `SELECT CASE WHEN s.id IS NULL THEN 'added' WHEN l.id IS NULL THEN 'lost' ELSE 'changed' END AS kind,
          coalesce(l.tenant_id, s.tenant_id) AS tenant_id, coalesce(l.id, s.id) AS id
         FROM ${live} l FULL JOIN ${shadow} s ON ${keys.map((k) => `l.${k} = s.${k}`).join(' AND ')}
        WHERE l.id IS NULL OR s.id IS NULL OR ${row('l')}::text IS DISTINCT FROM ${row('s')}::text
        LIMIT 100`,
  );
  return rows.map(({ kind, tenant_id: tenantId, id }) => ({ table: key, kind, tenantId, id }));
}

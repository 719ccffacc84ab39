import { failpoint } from '../failpoints.js';
import type { Database } from '../postgres/database.js';
import type { Reached } from './forget-beside.js';

/**
 * What a deleted workspace leaves for ever: its log, so that chains and seals verify, and the marks
 * of the keys that were destroyed. Every other table with tenants is emptied of it.
 */
export const LOG_TABLES: readonly string[] = [
  'es_event',
  'es_stream',
  'es_command',
  'es_pending',
  'es_pending_event',
  'es_seal',
  'es_tenant_key',
  'es_subject_key',
];

/** Rows of one short transaction: a longer one would hold the feed back. */
const ROWS = 1_000;

/** Tables that hold something of tenants beside the log, as the catalogue of the database has them. */
async function tenantTables(database: Database): Promise<readonly string[]> {
  const { rows } = await database.pool('projector').query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND a.attname = 'tenant_id' AND NOT a.attisdropped AND c.relname <> ALL ($1)
      ORDER BY 1`,
    [LOG_TABLES],
  );
  return rows.map(({ name }) => name);
}

/** Changes rows of a tenant a few at a time until there are none left; answers how many. */
async function inChunks(database: Database, tenantId: string, statement: string): Promise<number> {
  for (let done = 0, changed = ROWS; ; done += changed) {
    if (changed < ROWS) return done;
    changed = await database.tenant(
      tenantId,
      async (query) => (await query.query(statement, [tenantId])).rowCount ?? 0,
      'projector',
    );
    failpoint('deletion_after_chunk');
  }
}

const some = (table: string, where = '') =>
  `tenant_id = $1 AND ctid = ANY (ARRAY(
     SELECT ctid FROM "${table}" WHERE tenant_id = $1 ${where} LIMIT ${ROWS}))`;

/**
 * Empties every table of a tenant but those of the log, and there what its commands were answered.
 * Begun again it goes on where it was.
 */
export async function emptyTables(
  database: Database,
  tenantId: string,
): Promise<readonly Reached[]> {
  const reached: Reached[] = [];
  for (const name of await tenantTables(database)) {
    const count = await inChunks(database, tenantId, `DELETE FROM "${name}" WHERE ${some(name)}`);
    if (count > 0) reached.push({ place: name, count });
  }
  const answered = some('es_command', `AND result <> '{}'`);
  const blank = `UPDATE es_command SET result = '{}' WHERE ${answered}`;
  return [...reached, { place: 'answers', count: await inChunks(database, tenantId, blank) }];
}

import type pg from 'pg';
import type { ReadModel } from '#kernel/read-model';
import { attachStatement, tableStatement, tableStatements } from './table-statements.js';
import { indexStatements } from './indexes.js';
import { tablesOf } from './physical.js';
import { lockTables, run } from './shadow-tables.js';

/** A column that the served table has not, or has as another type. */
interface Missing {
  readonly name: string;
  readonly definition: string;
  readonly present: boolean;
}

async function exists(client: pg.Client, table: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS there',
    [`public.${table}`],
  );
  return rows[0]!.there;
}

async function missingColumns(
  client: pg.Client,
  table: string,
  wanted: string,
): Promise<readonly Missing[]> {
  const { rows } = await client.query<Missing>(
    `SELECT d.attname AS name, l.attname IS NOT NULL AS present,
        format_type(d.atttypid, d.atttypmod) || coalesce((SELECT
          format(' COLLATE %I.%I', n.nspname, c.collname) FROM pg_collation c
            JOIN pg_namespace n ON n.oid = c.collnamespace
           WHERE c.oid = d.attcollation AND c.collname <> 'default'), '') AS definition
       FROM pg_attribute d LEFT JOIN pg_attribute l
         ON l.attrelid = to_regclass($1) AND l.attname = d.attname AND NOT l.attisdropped
      WHERE d.attrelid = to_regclass($2) AND d.attnum > 0 AND NOT d.attisdropped
        AND (l.attname IS NULL
          OR (l.atttypid, l.attcollation) <> (d.atttypid, d.attcollation))
      ORDER BY d.attnum`,
    [`public.${table}`, `pg_temp.${wanted}`],
  );
  return rows;
}

/**
 * Lets rows of an older declaration be served and written by the present one until they are
 * rebuilt: columns it does not have are added empty, and one of another type steps aside. Answers
 * whether there were such tables at all.
 */
export async function alignTables(client: pg.Client, model: ReadModel): Promise<boolean> {
  const tables = tablesOf(model);
  if (!(await exists(client, tables.live))) return false;
  await client.query('BEGIN');
  const served = [tables.live, ...((await exists(client, tables.history)) ? [tables.history] : [])];
  for (const table of served) {
    const wanted = `wanted_${table}`;
    await client.query(
      tableStatement(model, wanted, table === tables.history).replace(
        'CREATE TABLE',
        'CREATE TEMP TABLE',
      ),
    );
    const missing = await missingColumns(client, table, wanted);
    if (missing.length > 0) await lockTables(client, [table], 'everybody');
    await run(client, [
      ...missing.flatMap(({ name, definition, present }) => [
        ...(present
          ? [
              `ALTER TABLE ${table} DROP COLUMN IF EXISTS ${name}__former`,
              `ALTER TABLE ${table} RENAME COLUMN ${name} TO ${name}__former`,
            ]
          : []),
        `ALTER TABLE ${table} ADD COLUMN ${name} ${definition}`,
      ]),
      `DROP TABLE pg_temp.${wanted}`,
    ]);
  }
  if (model.temporal && !served.includes(tables.history)) {
    const [, history] = tableStatements(model, tables);
    const indexes = indexStatements(model, tables).filter((one) =>
      one.includes(` ON ${tables.history} `),
    );
    await run(client, [history!, ...indexes]);
  }
  if (!(await exists(client, tables.timeline))) {
    await run(client, [tableStatements(model, tables).at(-1)!, attachStatement(model, tables)]);
  }
  await client.query('COMMIT');
  return true;
}

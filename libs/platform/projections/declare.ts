import { createHash } from 'node:crypto';
import type { ReadModel } from '#kernel/read-model';
import type pg from 'pg';
import { indexStatements } from './indexes.js';
import { physicalColumns, tablesOf, type ModelTables } from './physical.js';

/** The statement that creates a model's live or history table, without its indexes. */
function tableStatement(model: ReadModel, table: string, history: boolean): string {
  const columns = physicalColumns(model).map(({ name, type }) => `${name} ${type}`);
  const periods = history
    ? [
        ...['vf', 'vt', 'rf', 'rt'].map((name) => `${name} timestamptz NOT NULL`),
        // Whether search finds it by other words than the version before.
        'search_changed boolean NOT NULL',
      ]
    : [];
  const key = history ? 'tenant_id, id, revision' : 'tenant_id, id';
  return `CREATE TABLE ${table} (
    tenant_id uuid NOT NULL, ${[...columns, 'search_text text', ...periods].join(', ')},
    PRIMARY KEY (${key})) WITH (fillfactor = ${history ? 100 : 85})`;
}

/** The tables of a model. The timeline's part can be attached without a scan, by its check. */
export function tableStatements(model: ReadModel, tables: ModelTables): string[] {
  return [
    tableStatement(model, tables.live, false),
    ...(model.temporal ? [tableStatement(model, tables.history, true)] : []),
    `CREATE TABLE ${tables.timeline} (LIKE rm_timeline,
      PRIMARY KEY (tenant_id, record_type, id, part), CHECK (record_type = '${model.record}'))`,
  ];
}

export function dropStatements(tables: ModelTables): string[] {
  return [tables.live, tables.history, tables.timeline].map(
    (name) => `DROP TABLE IF EXISTS ${name}`,
  );
}

export function attachStatement(model: ReadModel, tables: ModelTables): string {
  return `ALTER TABLE rm_timeline ATTACH PARTITION ${tables.timeline} FOR VALUES IN ('${model.record}')`;
}

function declarationHash(model: ReadModel): string {
  const tables = tablesOf(model);
  const shape = [...tableStatements(model, tables), ...indexStatements(model, tables)];
  return createHash('sha256')
    .update(JSON.stringify([model.version, model.temporal, shape]))
    .digest('hex');
}

/** Models whose tables are not, or not as they are declared now. */
export async function changedModels(
  client: pg.Client,
  models: readonly ReadModel[],
): Promise<readonly ReadModel[]> {
  const { rows } = await client.query<{ name: string; hash: string }>(
    'SELECT name, hash FROM rm_declaration',
  );
  const known = new Map(rows.map(({ name, hash }) => [name, hash]));
  return models.filter((model) => known.get(model.name) !== declarationHash(model));
}

/**
 * Brings the tables of all declared read models into being. A model whose declaration changed is
 * created anew and projected from the start of the log.
 */
export async function declareReadModels(
  client: pg.Client,
  models: readonly ReadModel[],
): Promise<boolean> {
  const changed = await changedModels(client, models);
  for (const model of changed) {
    const tables = tablesOf(model);
    const statements = [
      ...dropStatements(tables),
      ...tableStatements(model, tables),
      ...indexStatements(model, tables),
      attachStatement(model, tables),
    ];
    await client.query('BEGIN');
    await client.query(statements.join(';\n'));
    await client.query('DELETE FROM es_checkpoint WHERE processor = $1', [model.name]);
    await client.query(
      `INSERT INTO es_checkpoint (processor, version, shard) VALUES ($1, $2, -1)`,
      [model.name, model.version],
    );
    await recordDeclaration(client, model);
    await client.query('COMMIT');
  }
  return changed.length > 0;
}

/** Remembers which declaration the served tables were built by. */
export async function recordDeclaration(client: pg.Client, model: ReadModel): Promise<void> {
  await client.query(
    `INSERT INTO rm_declaration (name, version, hash) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET version = excluded.version, hash = excluded.hash,
       declared_at = clock_timestamp()`,
    [model.name, model.version, declarationHash(model)],
  );
}

import { createHash } from 'node:crypto';
import type { ReadModel } from '#kernel/read-model';
import type pg from 'pg';
import { roleName } from '../postgres/database.js';
import { allColumns, comparedColumn, historyOf, physicalColumns, tableOf } from './physical.js';

/** Every statement that creates a model's live or history table, indexes included. */
export function tableStatements(model: ReadModel, table: string, history: boolean): string[] {
  const columns = physicalColumns(model).map(({ name, type }) => `${name} ${type}`);
  const periods = history
    ? [
        'vf timestamptz NOT NULL',
        'vt timestamptz NOT NULL',
        'rf timestamptz NOT NULL',
        'rt timestamptz NOT NULL',
      ]
    : [];
  const key = history ? 'tenant_id, id, revision' : 'tenant_id, id';
  const create = `CREATE TABLE ${table} (
    tenant_id uuid NOT NULL, ${[...columns, 'search_text text', ...periods].join(', ')},
    PRIMARY KEY (${key})) WITH (fillfactor = ${history ? 100 : 85})`;
  return [create, ...indexStatements(model, table, history)];
}

/** Indexes by which each declared sort, reference and search of a list is served. */
export function indexStatements(model: ReadModel, table: string, history: boolean): string[] {
  const statements: string[] = [];
  const index = (suffix: string, columns: string, method = 'btree') =>
    statements.push(`CREATE INDEX ${table}_${suffix} ON ${table} USING ${method} (${columns})`);
  const period = history ? ', vf, vt' : '';
  for (const [name, column] of Object.entries(allColumns(model))) {
    if (name === 'id') continue;
    const { name: physical } = comparedColumn(model, name);
    if (column.sort) index(`${physical}_sort`, `tenant_id, ${physical}, id${period}`);
    if (history) continue;
    if (column.filter && column.kind === 'uuid') {
      index(`${physical}_ref`, `tenant_id, ${physical}, created_at, id`);
    }
    // Exact, case-insensitive look-ups of names and addresses: duplicate warnings.
    if (column.filter && column.search) index(`${physical}_lower`, `tenant_id, lower(${physical})`);
  }
  if (!history && Object.values(model.columns).some((column) => column.search)) {
    index('search', 'search_text gin_trgm_ops', 'gin');
  }
  return statements;
}

function declarationHash(model: ReadModel): string {
  const shape = [tableStatements(model, 't', false), tableStatements(model, 'h', true)];
  return createHash('sha256')
    .update(JSON.stringify([model.version, model.temporal, shape]))
    .digest('hex');
}

/**
 * Brings the tables of all declared read models into being. A model whose declaration changed is
 * created anew and projected from the start of the log.
 */
export async function declareReadModels(
  client: pg.Client,
  database: string,
  models: readonly ReadModel[],
): Promise<void> {
  const { rows } = await client.query<{ name: string; hash: string }>(
    'SELECT name, hash FROM rm_declaration',
  );
  const known = new Map(rows.map(({ name, hash }) => [name, hash]));
  for (const model of models) {
    const hash = declarationHash(model);
    if (known.get(model.name) === hash) continue;
    const [live, history] = [tableOf(model), historyOf(model)];
    const statements = [
      `DROP TABLE IF EXISTS ${live}`,
      `DROP TABLE IF EXISTS ${history}`,
      ...tableStatements(model, live, false),
      ...(model.temporal ? tableStatements(model, history, true) : []),
    ];
    await client.query('BEGIN');
    await client.query(statements.join(';\n'));
    await client.query('DELETE FROM es_checkpoint WHERE processor = $1', [model.name]);
    await client.query(
      `INSERT INTO es_checkpoint (processor, version, shard) VALUES ($1, $2, -1)`,
      [model.name, model.version],
    );
    await client.query(
      `INSERT INTO rm_declaration (name, version, hash) VALUES ($1, $2, $3)
       ON CONFLICT (name) DO UPDATE SET version = excluded.version, hash = excluded.hash,
         declared_at = clock_timestamp()`,
      [model.name, model.version, hash],
    );
    if (known.has(model.name)) {
      // The owner is bound by the policies as well; the projector's policy sees every tenant.
      await client.query(`SET LOCAL ROLE "${roleName(database, 'projector')}"`);
      await client.query('DELETE FROM rm_timeline WHERE record_type = $1', [model.record]);
    }
    await client.query('COMMIT');
  }
}

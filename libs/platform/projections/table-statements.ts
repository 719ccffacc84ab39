import type { ReadModel } from '#kernel/read-model';
import { physicalColumns, type ModelTables } from './physical.js';

/** The statement that creates a model's live or history table, without its indexes. */
export function tableStatement(model: ReadModel, table: string, history: boolean): string {
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

import type { ReadModel } from '#kernel/read-model';
import { allColumns, comparedColumn, type ModelTables } from './physical.js';

/** The indexes of all tables of a model; the timeline gets its own when it is attached. */
export function indexStatements(model: ReadModel, tables: ModelTables): string[] {
  return [
    ...liveIndexes(model, tables.live),
    ...(model.temporal ? historyIndexes(model, tables.history) : []),
  ];
}

/** What every list asks besides its own filters; inside an index it saves reading the rows. */
const PRESENCE = 'INCLUDE (archived_at, deleted_at)';

const named = (table: string, suffix: string, definition: string) =>
  `CREATE INDEX ${table}_${suffix} ON ${table} ${definition}`;

/** Each declared sort is the order of an index; the one of creation serves counts as well. */
function sortIndexes(model: ReadModel, table: string, period: string): string[] {
  return Object.entries(allColumns(model)).flatMap(([field, { sort }]) => {
    if (!sort || field === 'id') return [];
    const { name } = comparedColumn(model, field);
    const included = field === 'createdAt' ? ` ${PRESENCE}` : '';
    return [named(table, `${name}_sort`, `(tenant_id, ${name}, id${period})${included}`)];
  });
}

function liveIndexes(model: ReadModel, table: string): string[] {
  const statements = sortIndexes(model, table, '');
  for (const [field, { filter, kind }] of Object.entries(allColumns(model))) {
    if (!filter || kind !== 'uuid' || field === 'id') continue;
    const { name } = comparedColumn(model, field);
    const columns = `(tenant_id, ${name}, created_at, id) ${PRESENCE}`;
    statements.push(named(table, `${name}_ref`, columns));
  }
  // Exact, case-insensitive look-ups of names and addresses: duplicates.
  for (const field of model.lookups) {
    const { name } = comparedColumn(model, field);
    statements.push(named(table, `${name}_lower`, `(tenant_id, lower(${name}))`));
  }
  // Lists that show only these; the others have hardly any.
  for (const name of ['archived_at', 'deleted_at']) {
    const columns = `(tenant_id, ${name}, id) WHERE ${name} IS NOT NULL`;
    statements.push(named(table, name, columns));
  }
  const searched = isSearchable(model) ? ['search_text gin_trgm_ops'] : [];
  return [...statements, found(table, [...unsorted(model), ...searched])];
}

function historyIndexes(model: ReadModel, table: string): string[] {
  const references = Object.entries(allColumns(model)).flatMap(([field, { filter, kind }]) =>
    filter && kind === 'uuid' && field !== 'id' ? [comparedColumn(model, field).name] : [],
  );
  const statements = sortIndexes(model, table, ', vf, vt');
  statements.push(found(table, [...references, ...unsorted(model)]));
  if (!isSearchable(model)) return statements;
  const words = 'USING gin (search_text gin_trgm_ops) WHERE search_changed';
  return [...statements, named(table, 'search', words)];
}

/**
 * One inverted index for all filters that have no order of their own: rare values are found by it,
 * common ones in the order of the list. A column costs a fraction of what an index of its own does.
 */
function found(table: string, columns: readonly string[]): string {
  return named(table, 'found', `USING gin (${['tenant_id', ...columns].join(', ')})`);
}

const INVERTED = ['text', 'boolean', 'bigint', 'money', 'date', 'timestamptz', 'tags'];
/** Marks of the record itself: other indexes serve them, or nobody asks. */
const UNASKED = ['revision', 'archivedAt', 'deletedAt'];

function unsorted(model: ReadModel): string[] {
  return Object.entries(allColumns(model)).flatMap(([field, { filter, sort, kind }]) =>
    filter && !sort && INVERTED.includes(kind) && !UNASKED.includes(field)
      ? [comparedColumn(model, field).name]
      : [],
  );
}

export function isSearchable(model: ReadModel): boolean {
  return Object.values(model.columns).some(({ search }) => search);
}

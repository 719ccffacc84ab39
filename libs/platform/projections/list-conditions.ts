import type { ReadModel } from '#kernel/read-model';
import type { Filter } from './list-checks.js';
import type { ListQuery, Presence } from './list-query.js';
import { comparedColumn, historyOf, searchable, tableOf } from './physical.js';
import { isShareable, sharedSql, type Visible, type Reach } from './visibility.js';

/** Numbered parameters of one statement. */
export class Parameters {
  readonly values: unknown[] = [];
  add(value: unknown, type = ''): string {
    this.values.push(value);
    return `$${this.values.length}${type && `::${type}`}`;
  }
}

const COMPARISONS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

export function castOf(kind: string): string {
  return kind === 'money' ? 'bigint' : kind;
}

function filterSql(model: ReadModel, filter: Filter, parameters: Parameters): string {
  const { field, operator, values } = filter;
  const { name, kind } = comparedColumn(model, field);
  const column = `r.${name}`;
  const cast = castOf(kind);
  const first = values[0] ?? '';
  if (operator === 'null') return `${column} IS ${first === 'true' ? '' : 'NOT '}NULL`;
  if (filter.at && operator !== 'all') {
    const grantees = parameters.add(values, 'text[]');
    return sharedSql('r', grantees, parameters.add(filter.at, 'timestamptz'));
  }
  if (kind === 'tags') {
    return `${column} ${operator === 'all' ? '@>' : '&&'} ${parameters.add(values, 'text[]')}`;
  }
  if (operator === 'ne') {
    return `(${column} IS NULL OR ${column} <> ALL (${parameters.add(values, `${cast}[]`)}))`;
  }
  if (operator === 'eq') return `${column} = ${parameters.add(first, cast)}`;
  if (operator === 'in') {
    return values.length === 1
      ? `${column} = ${parameters.add(first, cast)}`
      : `${column} = ANY (${parameters.add(values, `${cast}[]`)})`;
  }
  return `${column} ${COMPARISONS[operator as keyof typeof COMPARISONS]} ${parameters.add(first, cast)}`;
}

function presenceSql(column: string, presence: Presence): string | undefined {
  if (presence === 'include') return undefined;
  return `r.${column} IS ${presence === 'only' ? 'NOT ' : ''}NULL`;
}

/** The relation a question is put to: the live table, or its history as of both instants. */
export function relationSql(
  model: ReadModel,
  query: Pick<ListQuery, 'asOf' | 'knownAt'>,
  parameters: Parameters,
): { readonly from: string; readonly conditions: string[] } {
  const { asOf, knownAt } = query;
  if (!asOf && !knownAt) return { from: `${tableOf(model)} r`, conditions: [] };
  const at = asOf && parameters.add(asOf, 'timestamptz');
  const known = knownAt && parameters.add(knownAt, 'timestamptz');
  // A row version is a prefix of its stream: the last one that both instants reach. An instant that
  // is not given is infinity, which every version begins before and only the latest outlives.
  const begun = [at && `r.vf <= ${at}`, known && `r.rf <= ${known}`];
  const open = [at && `r.vt > ${at}`, known && `r.rt > ${known}`].filter(Boolean);
  return {
    from: `${historyOf(model)} r`,
    conditions: [...begun.filter((one) => one !== undefined), `(${open.join(' OR ')})`],
  };
}

/** The part of a query that says which rows are meant. */
export interface Wanted extends Pick<
  ListQuery,
  'filters' | 'archived' | 'deleted' | 'search' | 'searched' | 'asOf' | 'knownAt'
> {
  /** The words are in nearly every row: an index of words would only be in the way. */
  readonly commonWords?: boolean;
}

/** Conditions of a list beside the cursor: tenant, time, life, rights, filters and search. */
export function whereSql(
  model: ReadModel,
  tenantId: string,
  query: Wanted,
  visible: Visible,
  parameters: Parameters,
): { readonly from: string; readonly where: string } {
  const tenant = parameters.add(tenantId, 'uuid');
  const { from, conditions } = relationSql(model, query, parameters);
  const all: (string | undefined)[] = [
    `r.tenant_id = ${tenant}`,
    ...conditions,
    presenceSql('archived_at', query.archived),
    presenceSql('deleted_at', query.deleted),
    ...query.filters.map((filter) => filterSql(model, filter, parameters)),
  ];
  if (visible !== 'all') all.push(visibleSql(model, tenant, visible, parameters, from));
  if (query.search) all.push(...searchSql(model, tenant, query, query.search, parameters));
  return { from, where: all.filter(Boolean).join(' AND ') };
}

/** Pattern that finds the words anywhere. */
export function patternOf(search: string): string {
  return `%${searchable(search).replaceAll(/[\\%_]/g, '\\$&')}%`;
}

/** Fewer letters in a row cannot be looked up in an index of three. */
const LOOKED_UP = /[\p{L}\p{N}]{3}/u;

/** The words of some columns, as `search_text` has those of all: for readers who see only some. */
function wordsSql(model: ReadModel, names: readonly string[]): string {
  if (names.length === 0) return 'NULL::text';
  const columns = names.map((name) => `r.${comparedColumn(model, name).name}`);
  const plain = `normalize(concat_ws(' ', ${columns.join(', ')}), NFD)`;
  return `lower(regexp_replace(${plain}, '[\\u0300-\\u036f]', '', 'g'))`;
}

function searchSql(
  model: ReadModel,
  tenant: string,
  query: Wanted,
  search: string,
  parameters: Parameters,
): string[] {
  const pattern = parameters.add(patternOf(search), 'text');
  if (query.searched) return [`${wordsSql(model, query.searched)} LIKE ${pattern}`];
  // An expression has no index.
  if (query.commonWords) return [`(r.search_text || '') LIKE ${pattern}`];
  const words = `r.search_text LIKE ${pattern}`;
  if (!(query.asOf || query.knownAt) || !LOOKED_UP.test(searchable(search))) return [words];
  // Past words are in the index once, with the version that brought them.
  return [
    words,
    `r.id IN (SELECT w.id FROM ${historyOf(model)} w WHERE w.tenant_id = ${tenant}
       AND w.search_changed AND w.search_text LIKE ${pattern})`,
  ];
}

/**
 * The role that may use the index a list needs: patterns and tags are compared by operators that
 * PostgreSQL does not trust with rows of other tenants, so their role reads ids only.
 */
export function roleOf(
  model: ReadModel,
  { filters, search, searched }: Pick<ListQuery, 'filters' | 'search' | 'searched'>,
  visible: Visible,
): 'api' | 'search' {
  // No index helps there, and the role of the index may not read the columns.
  if (searched) return 'api';
  const tags = filters.some(
    ({ field, operator }) => operator !== 'null' && comparedColumn(model, field).kind === 'tags',
  );
  const shared = visible !== 'all' && isShareable(model);
  return search || tags || shared ? 'search' : 'api';
}

/** Today's rights, also over the past: owner and shares are those the live row has. */
function visibleSql(
  model: ReadModel,
  tenant: string,
  visible: Reach,
  parameters: Parameters,
  from: string,
): string {
  if (!model.owner) return 'true';
  const live = from.startsWith(`${tableOf(model)} `);
  const seen = reachSql(model, live ? 'r' : 'l', visible, parameters);
  if (live) return seen;
  return `EXISTS (SELECT 1 FROM ${tableOf(model)} l
    WHERE l.tenant_id = ${tenant} AND l.id = r.id AND ${seen})`;
}

/** Live rows a caller sees, of a model that has owners. */
export function reachSql(
  model: ReadModel,
  alias: string,
  { owners, grantees, at }: Reach,
  parameters: Parameters,
): string {
  const { name } = comparedColumn(model, model.owner!);
  const owned = `${alias}.${name} = ANY (${parameters.add(owners, 'uuid[]')})`;
  if (!isShareable(model)) return owned;
  const ids = parameters.add(grantees, 'text[]');
  return `(${owned} OR ${sharedSql(alias, ids, parameters.add(at, 'timestamptz'))})`;
}

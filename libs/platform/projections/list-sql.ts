import type { ReadModel } from '#kernel/read-model';
import type { Filter, ListQuery, Presence, SortKey } from './list-query.js';
import { allColumns, comparedColumn, historyOf, searchable, tableOf } from './physical.js';

/** Whose records a caller may see: everyone's, or those of these users. */
export type Visible = 'all' | readonly string[];

/** Numbered parameters of one statement. */
export class Parameters {
  readonly values: unknown[] = [];
  add(value: unknown, type = ''): string {
    this.values.push(value);
    return `$${this.values.length}${type && `::${type}`}`;
  }
}

const COMPARISONS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

function castOf(kind: string): string {
  return kind === 'money' ? 'bigint' : kind;
}

function filterSql(model: ReadModel, filter: Filter, parameters: Parameters): string {
  const { field, operator, values } = filter;
  const { name, kind } = comparedColumn(model, field);
  const column = `r.${name}`;
  const cast = castOf(kind);
  const first = values[0] ?? '';
  if (operator === 'null') return `${column} IS ${first === 'true' ? '' : 'NOT '}NULL`;
  if (kind === 'tags') {
    const wanted = values.map((value) => `${parameters.add(value, 'text')} = ANY (${column})`);
    return `(${wanted.join(operator === 'all' ? ' AND ' : ' OR ')})`;
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

/** Whether a null can stand in a sort column; required fields and bookkeeping never hold one. */
function mayBeNull(model: ReadModel, field: string): boolean {
  const schema = allColumns(model)[field]!.schema as { anyOf?: unknown };
  return field in model.columns ? true : schema.anyOf !== undefined;
}

/** Rows after the cursor in the order of the sort keys; nulls come last when ascending. */
function cursorSql(model: ReadModel, query: ListQuery, parameters: Parameters): string {
  const { sort } = query;
  const values = query.cursor!.values;
  const compare = (key: SortKey, index: number): { after: string; same: string } => {
    const { name, kind } = comparedColumn(model, key.field);
    const column = `r.${name}`;
    const value = values[index];
    if (value === null || value === undefined) {
      return {
        after: key.descending ? `${column} IS NOT NULL` : 'false',
        same: `${column} IS NULL`,
      };
    }
    const parameter = parameters.add(value, castOf(kind));
    const beyond = `${column} ${key.descending ? '<' : '>'} ${parameter}`;
    const nullsFollow = !key.descending && mayBeNull(model, key.field);
    return {
      after: nullsFollow ? `(${beyond} OR ${column} IS NULL)` : beyond,
      same: `${column} = ${parameter}`,
    };
  };
  const uniform = sort.every(({ descending }) => descending === sort[0]!.descending);
  const plain =
    uniform &&
    values.every((v) => v !== null) &&
    (sort[0]!.descending || sort.every(({ field }) => !mayBeNull(model, field)));
  if (plain) {
    // One row comparison is a range of the index.
    const columns = sort.map(({ field }) => `r.${comparedColumn(model, field).name}`);
    const bounds = sort.map(({ field }, index) =>
      parameters.add(values[index], castOf(comparedColumn(model, field).kind)),
    );
    return `(${columns.join(', ')}) ${sort[0]!.descending ? '<' : '>'} (${bounds.join(', ')})`;
  }
  const parts = sort.map(compare);
  const chain = parts.map(({ after }, index) =>
    [...parts.slice(0, index).map(({ same }) => same), after].join(' AND '),
  );
  return `(${chain.map((one) => `(${one})`).join(' OR ')})`;
}

/** The relation a question is put to: the live table, or its history as of both instants. */
export function relationSql(
  model: ReadModel,
  query: Pick<ListQuery, 'asOf' | 'knownAt'>,
  parameters: Parameters,
): { readonly from: string; readonly conditions: string[] } {
  if (!query.asOf && !query.knownAt) return { from: `${tableOf(model)} r`, conditions: [] };
  const at = query.asOf ? parameters.add(query.asOf, 'timestamptz') : `'infinity'::timestamptz`;
  const known = query.knownAt
    ? parameters.add(query.knownAt, 'timestamptz')
    : `'infinity'::timestamptz`;
  // A row version is a prefix of its stream: the last one that both instants reach. Without an
  // instant the bound is infinity, which only the latest version does not end before.
  const open = [
    query.asOf ? `r.vt > ${at}` : undefined,
    query.knownAt ? `r.rt > ${known}` : undefined,
  ];
  return {
    from: `${historyOf(model)} r`,
    conditions: [`r.vf <= ${at}`, `r.rf <= ${known}`, `(${open.filter(Boolean).join(' OR ')})`],
  };
}

/** Conditions of a list beside the cursor: tenant, time, life, rights, filters and search. */
export function whereSql(
  model: ReadModel,
  tenantId: string,
  query: Pick<ListQuery, 'filters' | 'archived' | 'deleted' | 'search' | 'asOf' | 'knownAt'>,
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
  if (query.search) {
    const pattern = `%${searchable(query.search).replaceAll(/[\\%_]/g, '\\$&')}%`;
    all.push(`r.search_text LIKE ${parameters.add(pattern, 'text')}`);
  }
  return { from, where: all.filter(Boolean).join(' AND ') };
}

/** Today's rights, also over the past: the owner is the one the live row has. */
function visibleSql(
  model: ReadModel,
  tenant: string,
  visible: readonly string[],
  parameters: Parameters,
  from: string,
): string {
  if (!model.owner) return 'true';
  const { name } = comparedColumn(model, model.owner);
  const owners = parameters.add(visible, 'uuid[]');
  if (from.startsWith(`${tableOf(model)} `)) return `r.${name} = ANY (${owners})`;
  return `EXISTS (SELECT 1 FROM ${tableOf(model)} l
    WHERE l.tenant_id = ${tenant} AND l.id = r.id AND l.${name} = ANY (${owners}))`;
}

export function orderSql(model: ReadModel, sort: readonly SortKey[]): string {
  return sort
    .map(
      ({ field, descending }) =>
        `r.${comparedColumn(model, field).name}${descending ? ' DESC' : ''}`,
    )
    .join(', ');
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** One page of a list, one row more than asked for, to know whether there is a next page. */
export function pageStatement(
  model: ReadModel,
  tenantId: string,
  query: ListQuery,
  visible: Visible,
  select = 'r.*',
): Statement {
  const parameters = new Parameters();
  const { from, where } = whereSql(model, tenantId, query, visible, parameters);
  const cursor = query.cursor ? ` AND ${cursorSql(model, query, parameters)}` : '';
  const text = `SELECT ${select} FROM ${from} WHERE ${where}${cursor}
    ORDER BY ${orderSql(model, query.sort)}
    LIMIT ${parameters.add(query.limit + 1, 'int')} OFFSET ${parameters.add(query.offset, 'int')}`;
  return { text, values: parameters.values };
}

export const COUNT_CAP = 10_000;

/** How many rows a list has, exactly up to the cap unless more is asked for. */
export function countStatement(
  model: ReadModel,
  tenantId: string,
  query: ListQuery,
  visible: Visible,
): Statement {
  const parameters = new Parameters();
  const { from, where } = whereSql(model, tenantId, query, visible, parameters);
  const cap = query.exactCount ? '' : ` LIMIT ${COUNT_CAP + 1}`;
  const text = `SELECT count(*) AS total FROM (SELECT 1 FROM ${from} WHERE ${where}${cap}) counted`;
  return { text, values: parameters.values };
}

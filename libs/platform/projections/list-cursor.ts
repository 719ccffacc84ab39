import type { ReadModel } from '#kernel/read-model';
import { castOf, type Parameters } from './list-conditions.js';
import type { SortKey } from './list-checks.js';
import type { ListQuery } from './list-query.js';
import { allColumns, comparedColumn } from './physical.js';

/** Whether a null can stand in a sort column; bookkeeping never holds one. */
function mayBeNull(model: ReadModel, field: string): boolean {
  const schema = allColumns(model)[field]!.schema as { anyOf?: unknown };
  return field in model.columns ? true : schema.anyOf !== undefined;
}

/** How the columns of the sort are called in the statement. */
export type ColumnName = (field: string, index: number) => string;

interface Comparison {
  readonly key: SortKey;
  readonly column: string;
  /** Absent where the cursor stands on a null. */
  readonly parameter?: string;
}

function comparisons(
  model: ReadModel,
  query: ListQuery,
  parameters: Parameters,
  nameOf: ColumnName,
): Comparison[] {
  return query.sort.map((key, index) => {
    const column = nameOf(key.field, index);
    const value = query.cursor!.values[index];
    if (value === null || value === undefined) return { key, column };
    const { kind } = comparedColumn(model, key.field);
    return { key, column, parameter: parameters.add(value, castOf(kind)) };
  });
}

/** Rows behind the cursor by one column alone; nulls come last when ascending. */
function behind(model: ReadModel, { key, column, parameter }: Comparison): string {
  if (parameter === undefined) return key.descending ? `${column} IS NOT NULL` : 'false';
  if (key.descending) return `${column} < ${parameter}`;
  const beyond = `${column} > ${parameter}`;
  return mayBeNull(model, key.field) ? `(${beyond} OR ${column} IS NULL)` : beyond;
}

const equal = ({ column, parameter }: Comparison) =>
  parameter === undefined ? `${column} IS NULL` : `${column} = ${parameter}`;

/** Behind by the first column, or equal there and behind by the next, and so on. */
function chain(model: ReadModel, keys: readonly Comparison[]): string {
  const parts = keys.map((key, index) =>
    [...keys.slice(0, index).map(equal), behind(model, key)].join(' AND '),
  );
  return `(${parts.map((part) => `(${part})`).join(' OR ')})`;
}

/** One range of an index: a comparison of whole rows where directions and values allow it. */
function range(model: ReadModel, keys: readonly Comparison[]): string {
  const [first, ...rest] = keys as [Comparison, ...Comparison[]];
  const uniform = rest.every(({ key }) => key.descending === first.key.descending);
  const plain = keys.every(({ parameter }) => parameter !== undefined);
  const certain = first.key.descending || rest.every(({ key }) => !mayBeNull(model, key.field));
  if (uniform && plain && certain) {
    const columns = keys.map(({ column }) => column).join(', ');
    const bounds = keys.map(({ parameter }) => parameter).join(', ');
    return `(${columns}) ${first.key.descending ? '<' : '>'} (${bounds})`;
  }
  const bound = `${first.column} ${first.key.descending ? '<=' : '>='} ${first.parameter}`;
  const further = rest.length > 0 ? ` OR ${chain(model, rest)}` : '';
  const strictly = `${first.column} ${first.key.descending ? '<' : '>'} ${first.parameter}`;
  return `(${bound} AND (${strictly}${further}))`;
}

/**
 * The rows behind the cursor as conditions that are each one range of the index of the first sort
 * column, in the order of the list: values, then nulls when ascending; nulls, then values when
 * descending.
 */
export function cursorRanges(
  model: ReadModel,
  query: ListQuery,
  parameters: Parameters,
  nameOf: ColumnName,
): string[] {
  const keys = comparisons(model, query, parameters, nameOf);
  const [first, ...rest] = keys as [Comparison, ...Comparison[]];
  const { key, column } = first;
  if (first.parameter !== undefined) {
    const nulls = !key.descending && mayBeNull(model, key.field);
    return [range(model, keys), ...(nulls ? [`${column} IS NULL`] : [])];
  }
  const amongNulls = `(${column} IS NULL AND ${rest.length > 0 ? chain(model, rest) : 'false'})`;
  return key.descending ? [amongNulls, `${column} IS NOT NULL`] : [amongNulls];
}

import type { ReadModel } from '#kernel/read-model';
import { Parameters, patternOf, relationSql, whereSql, type Wanted } from './list-conditions.js';
import { cursorRanges } from './list-cursor.js';
import type { SortKey } from './list-checks.js';
import type { ListQuery } from './list-query.js';
import { comparedColumn } from './physical.js';
import type { Visible } from './visibility.js';

const columnOf = (model: ReadModel, field: string) => `r.${comparedColumn(model, field).name}`;

function orderSql(model: ReadModel, sort: readonly SortKey[]): string {
  return sort
    .map(({ field, descending }) => `${columnOf(model, field)}${descending ? ' DESC' : ''}`)
    .join(', ');
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Lists show rows themselves, or where they may not be read directly, what they are found by. */
export type Shown = 'rows' | 'keys';

function shownSql(model: ReadModel, sort: readonly SortKey[], shown: Shown): string {
  if (shown === 'rows') return 'r.*';
  const columns = sort.map(({ field }) => columnOf(model, field));
  return [...new Set(['r.id', 'r.revision', ...columns])].join(', ');
}

/** The question of a list, and what is known of its answer. */
export type Question = ListQuery & Pick<Wanted, 'commonWords'>;

/** A version begins when it was last changed, and never before it was created: bounds an index. */
function begunSql(query: ListQuery, field: string | undefined, parameters: Parameters): string {
  const column = { createdAt: 'created_at', updatedAt: 'updated_at' }[field ?? ''];
  if (!query.asOf || !column) return '';
  return ` AND r.${column} <= ${parameters.add(query.asOf, 'timestamptz')}`;
}

/**
 * One page in the order of the list, one row more than asked for, to know whether there is a next
 * page. Behind a cursor it is read range by range, so that each is found in the index at once.
 */
export function pageStatement(
  model: ReadModel,
  tenantId: string,
  query: Question,
  visible: Visible,
  shown: Shown = 'rows',
): Statement {
  const parameters = new Parameters();
  const { from, where } = whereSql(model, tenantId, query, visible, parameters);
  const begun = begunSql(query, query.sort[0]?.field, parameters);
  const order = `ORDER BY ${orderSql(model, query.sort)}`;
  const select = (range?: string) =>
    `SELECT ${shownSql(model, query.sort, shown)} FROM ${from}
      WHERE ${where}${begun}${range ? ` AND ${range}` : ''} ${order}`;
  const ranges = query.cursor
    ? cursorRanges(model, query, parameters, (field) => columnOf(model, field))
    : [undefined];
  const limit = parameters.add(query.limit + 1, 'int');
  const rows =
    ranges.length === 1
      ? select(ranges[0])
      : `SELECT * FROM (${ranges.map((one) => `(${select(one)} LIMIT ${limit})`).join(' UNION ALL ')})
           r ${order}`;
  const text = `${rows} LIMIT ${limit} OFFSET ${parameters.add(query.offset, 'int')}`;
  return { text, values: parameters.values };
}

export const COUNT_CAP = 10_000;

/** How many rows a list has, exactly up to the cap unless more is asked for. */
export function countStatement(
  model: ReadModel,
  tenantId: string,
  query: Question,
  visible: Visible,
): Statement {
  const parameters = new Parameters();
  const { from, where } = whereSql(model, tenantId, query, visible, parameters);
  const begun = begunSql(query, 'createdAt', parameters);
  const cap = query.exactCount ? '' : ` LIMIT ${COUNT_CAP + 1}`;
  const text = `SELECT count(*) AS total FROM (
    SELECT 1 FROM ${from} WHERE ${where}${begun}${cap}) counted`;
  return { text, values: parameters.values };
}

/**
 * Total and page in one, for lists that may be short: what is found is counted and, unless it is
 * more than the cap, sorted. So a rare value is never looked for in the order of the list.
 */
export function hitsStatement(
  model: ReadModel,
  tenantId: string,
  query: Question,
  visible: Visible,
): Statement {
  const parameters = new Parameters();
  const { from, where } = whereSql(model, tenantId, query, visible, parameters);
  const keys = query.sort.map(({ field }, index) => `${columnOf(model, field)} AS k${index}`);
  const order = query.sort.map(
    ({ descending }, index) => `h.k${index}${descending ? ' DESC' : ''}`,
  );
  const behind = query.cursor
    ? ` AND (${cursorRanges(model, query, parameters, (_, index) => `h.k${index}`).join(' OR ')})`
    : '';
  const begun = begunSql(query, 'createdAt', parameters);
  const text = `WITH hit AS MATERIALIZED (
      SELECT r.id, r.revision, ${keys.join(', ')} FROM ${from} WHERE ${where}${begun}
       LIMIT ${COUNT_CAP + 1}),
    counted AS MATERIALIZED (SELECT count(*) AS total FROM hit)
    SELECT c.total, h.id, h.revision
      FROM counted c LEFT JOIN hit h ON c.total <= ${COUNT_CAP}${behind}
     ORDER BY ${order.join(', ')}
     LIMIT ${parameters.add(query.limit + 1, 'int')} OFFSET ${parameters.add(query.offset, 'int')}`;
  return { text, values: parameters.values };
}

/** How many of the newest rows a search finds, to tell words that nearly every row has. */
export function sampleStatement(
  model: ReadModel,
  tenantId: string,
  query: ListQuery & { readonly search: string },
  size: number,
): Statement {
  const parameters = new Parameters();
  const tenant = parameters.add(tenantId, 'uuid');
  const { from, conditions } = relationSql(model, query, parameters);
  const begun = begunSql(query, 'createdAt', parameters);
  const where = [`r.tenant_id = ${tenant}`, ...conditions].join(' AND ') + begun;
  const pattern = parameters.add(patternOf(query.search), 'text');
  const text = `SELECT count(*) AS seen, count(*) FILTER (WHERE s.search_text LIKE ${pattern}) AS found
    FROM (SELECT r.search_text FROM ${from} WHERE ${where}
           ORDER BY r.created_at DESC, r.id DESC LIMIT ${size}) s`;
  return { text, values: parameters.values };
}

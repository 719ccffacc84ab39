import type { ReadModel } from '#kernel/read-model';
import type { Refusal } from '#kernel/refusal';
import {
  checkFilter,
  checkSort,
  coerce,
  Problems,
  REMEDY,
  sortText,
  type Filter,
  type SortKey,
} from './list-checks.js';
import { comparedColumn } from './physical.js';
import { pointInTime } from './zone.js';

/** Which records of a life stage a list shows. */
export type Presence = 'exclude' | 'include' | 'only';

/** A validated question to a read model. */
export interface ListQuery {
  readonly filters: readonly Filter[];
  /** Always ends with the id, so that paging is stable. */
  readonly sort: readonly SortKey[];
  readonly limit: number;
  readonly offset: number;
  readonly cursor?: Cursor;
  readonly search?: string;
  /** The only columns the words are looked for in; every searched one when left out. */
  readonly searched?: readonly string[];
  readonly asOf?: Date;
  readonly knownAt?: Date;
  readonly archived: Presence;
  readonly deleted: Presence;
  readonly exactCount: boolean;
}

export interface Cursor {
  readonly sort: string;
  readonly values: readonly (string | null)[];
}

export const MAX_LIMIT = 100;
export const MAX_OFFSET = 10_000;

export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.sort, ...cursor.values])).toString('base64url');
}

export function decodeCursor(
  model: ReadModel,
  text: string,
  sort: readonly SortKey[],
  problems: Problems,
): Cursor | undefined {
  try {
    const [order, ...values] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    // A cursor comes back from a client: each value must fit its column, like that of a filter.
    const fits =
      order === sortText(sort) &&
      values.length === sort.length &&
      values.every((value, index) => {
        if (value === null) return true;
        const { kind } = comparedColumn(model, sort[index]!.field);
        return typeof value === 'string' && coerce(kind, value, 'UTC') !== undefined;
      });
    if (fits) return { sort: order as string, values: values as (string | null)[] };
  } catch {
    // Not one of ours: answered below.
  }
  problems.add(
    'cursor',
    'cursor',
    'The cursor does not belong to this list and sort.',
    'Start again without a cursor, with the same sort on every page.',
  );
  return undefined;
}

function whole(
  text: string | undefined,
  name: string,
  range: readonly [number, number],
  initial: number,
  problems: Problems,
): number {
  if (text === undefined) return initial;
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= range[0] && value <= range[1]) return value;
  problems.add(
    name,
    'range',
    `${name} must be a whole number from ${range[0]} to ${range[1]}.`,
    undefined,
    text,
  );
  return initial;
}

/** The parameters of a list as they arrive: `{ 'name': 'x', 'leadScore[gte]': '50' }`. */
export type RawParameters = Readonly<Record<string, string | readonly string[] | undefined>>;
const RESERVED = [
  'search',
  'sort',
  'fields',
  'page',
  'limit',
  'cursor',
  'count',
  'asOf',
  'knownAt',
  'archived',
  'deleted',
  'atLeast',
  'format',
];

/** Reads one parameter; given twice it is a problem. */
function single(raw: RawParameters, name: string, problems: Problems): string | undefined {
  const value = raw[name];
  if (value === undefined || typeof value === 'string') return value;
  problems.add(name, 'single', `${name} was given more than once.`, 'Give it once.');
  return undefined;
}

function moment(raw: RawParameters, name: string, zone: string, problems: Problems) {
  const text = single(raw, name, problems);
  if (text === undefined) return undefined;
  const at = pointInTime(text, zone);
  if (!at)
    problems.add(
      name,
      'instant',
      `${name} is neither an instant nor a day.`,
      REMEDY.timestamptz,
      text,
    );
  return at;
}

function presence(raw: RawParameters, name: string, problems: Problems): Presence {
  const text = single(raw, name, problems) ?? 'exclude';
  if (text === 'exclude' || text === 'include' || text === 'only') return text;
  problems.add(name, 'enum', `${name} must be exclude, include or only.`, undefined, text);
  return 'exclude';
}

/** Turns raw parameters into a validated query, or says everything that is wrong with them. */
export function parseListQuery(
  model: ReadModel,
  raw: RawParameters,
  timeZone: string,
  maxLimit = MAX_LIMIT,
): ListQuery | Refusal {
  const problems = new Problems();
  const filters: Filter[] = [];
  for (const [key, given] of Object.entries(raw)) {
    if (RESERVED.includes(key) || given === undefined) continue;
    const parts = /^([^[\]]+)(?:\[([a-z]+)\])?$/.exec(key);
    const operator = parts?.[2];
    const list = typeof given === 'string' ? [given] : given;
    const values = operator === 'eq' ? list : list.flatMap((value) => value.split(','));
    const filter = checkFilter(
      model,
      { field: parts?.[1] ?? key, operator: operator ?? 'in', values },
      timeZone,
      problems,
    );
    if (filter) filters.push(filter);
  }
  const sort = checkSort(model, single(raw, 'sort', problems) ?? model.defaultSort, problems);
  const limit = whole(single(raw, 'limit', problems), 'limit', [1, maxLimit], 20, problems);
  const page = whole(single(raw, 'page', problems), 'page', [1, 999_999_999], 1, problems);
  const offset = (page - 1) * limit;
  if (offset > MAX_OFFSET) {
    problems.add(
      'page',
      'range',
      `Pages end at row ${MAX_OFFSET}.`,
      'Go on with cursor, which has no end: each page answers with pagination.nextCursor.',
      String(page),
    );
  }
  const cursorText = single(raw, 'cursor', problems);
  if (cursorText !== undefined && raw['page'] !== undefined) {
    problems.add('cursor', 'single', 'Give page or cursor, not both.');
  }
  const cursor =
    cursorText === undefined ? undefined : decodeCursor(model, cursorText, sort, problems);
  const search = single(raw, 'search', problems)?.trim();
  const hasSearch = Object.values(model.columns).some((column) => column.search);
  if (search !== undefined && (!hasSearch || search.length > 200 || search.includes('\u0000'))) {
    problems.add(
      'search',
      'search',
      hasSearch ? 'search must be text of at most 200 characters.' : 'This list has no search.',
    );
  }
  const count = single(raw, 'count', problems);
  if (count !== undefined && count !== 'exact') {
    problems.add('count', 'enum', 'count can only be exact.', undefined, count);
  }
  const asOf = moment(raw, 'asOf', timeZone, problems);
  const knownAt = moment(raw, 'knownAt', timeZone, problems);
  if ((asOf || knownAt) && !model.temporal) {
    problems.add('asOf', 'temporal', `${model.name} keeps no history.`);
  }
  const query: ListQuery = {
    filters,
    sort,
    limit,
    offset: cursor ? 0 : offset,
    ...(cursor ? { cursor } : {}),
    ...(search ? { search } : {}),
    ...(asOf ? { asOf } : {}),
    ...(knownAt ? { knownAt } : {}),
    archived: presence(raw, 'archived', problems),
    deleted: presence(raw, 'deleted', problems),
    exactCount: count === 'exact',
  };
  return problems.refusal() ?? query;
}

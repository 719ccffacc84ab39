import type { ParamMap, Params } from '@angular/router';
import { fieldOf, type Field, type RecordType } from '../record-type';

export type Operator = 'in' | 'ne' | 'gte' | 'lte' | 'all' | 'null';

/** One condition of a list, in the words of its address: `amount[gte]=100000`. */
export interface Filter {
  readonly field: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}
export type Life = 'current' | 'archived' | 'deleted';

/** Everything a person sees of a list; all of it is in the address. */
export interface ListState {
  readonly search: string;
  /** `-amount`: a minus means the largest first. */
  readonly sort: string;
  readonly filters: readonly Filter[];
  readonly columns: readonly string[];
  readonly life: Life;
  /** Id of the record shown beside the list. */
  readonly peek: string | null;
}

const operators: readonly Operator[] = ['in', 'ne', 'gte', 'lte', 'all', 'null'];

function readFilter(type: RecordType, key: string, value: string): Filter[] {
  const [, name = '', given = 'in'] = /^(\w+)(?:\[(\w+)\])?$/.exec(key) ?? [];
  const field = fieldOf(type, name);
  const operator = operators.find((one) => one === given);
  if (!field?.filter || !operator || value === '') return [];
  return [{ field: name, operator, values: value.split(',') }];
}

/** The state an address stands for; what makes no sense is left out. */
export function readState(
  type: RecordType,
  params: ParamMap,
  usual: readonly string[] = type.columns,
): ListState {
  const sort = params.get('sort') ?? type.sort;
  const columns = (params.get('columns')?.split(',') ?? []).filter((name) => fieldOf(type, name));
  const life = params.get('show');
  return {
    search: params.get('search') ?? '',
    sort: isSortable(type, sort) ? sort : type.sort,
    filters: params.keys.flatMap((key) => readFilter(type, key, params.get(key) ?? '')),
    columns: columns.length > 0 ? columns : usual,
    life: life === 'archived' || life === 'deleted' ? life : 'current',
    peek: params.get('peek'),
  };
}

function isSortable(type: RecordType, sort: string): boolean {
  return fieldOf(type, sort.replace(/^-/, ''))?.sort === true;
}

const keyOf = ({ field, operator }: Filter) =>
  operator === 'in' ? field : `${field}[${operator}]`;

/** The address of a state; what is as it would be anyway stays out of it. */
export function writeState(type: RecordType, state: ListState): Params {
  const { search, sort, filters, columns, life, peek } = state;
  const isUsual = columns.join() === type.columns.join();
  return {
    ...(search ? { search } : {}),
    ...(sort === type.sort ? {} : { sort }),
    ...filterParams(filters),
    ...(isUsual ? {} : { columns: columns.join(',') }),
    ...(life === 'current' ? {} : { show: life }),
    ...(peek ? { peek } : {}),
  };
}

export function filterParams(filters: readonly Filter[]): Params {
  return Object.fromEntries(filters.map((one) => [keyOf(one), one.values.join(',')]));
}

/** The GraphQL filter of these conditions. */
export function filterInput(type: RecordType, filters: readonly Filter[]): object {
  const input: Record<string, Record<string, unknown>> = {};
  for (const { field: name, operator, values } of filters) {
    const field = fieldOf(type, name)!;
    const entry = { [operator]: inputValue(field, operator, values) };
    input[name] = { ...input[name], ...(field.kind === 'flag' ? { eq: entry['in'] } : entry) };
  }
  return input;
}

function inputValue({ kind }: Field, operator: Operator, values: readonly string[]): unknown {
  if (operator === 'null' || kind === 'flag') return values[0] === 'true';
  const typed = kind === 'number' || kind === 'percent' ? values.map(Number) : values;
  return operator === 'gte' || operator === 'lte' ? typed[0] : typed;
}

/** `-amount` as the API takes it. */
export function sortInput(sort: string): { field: string; direction: 'asc' | 'desc' }[] {
  const isDescending = sort.startsWith('-');
  return [{ field: sort.replace(/^-/, ''), direction: isDescending ? 'desc' : 'asc' }];
}

/** Flags and numbers are compared by their own operators. */
export function operatorsOf({ kind }: Field): readonly Operator[] {
  switch (kind) {
    case 'number':
    case 'percent':
    case 'money':
    case 'day':
    case 'instant':
      return ['gte', 'lte', 'null'];
    case 'tags':
      return ['in', 'all'];
    case 'flag':
      return ['in'];
    default:
      return ['in', 'ne', 'null'];
  }
}

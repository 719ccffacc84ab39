import { isUuid } from '#kernel/ids';
import type { ReadModel } from '#kernel/read-model';
import { refusal, type Refusal, type RefusalDetail } from '#kernel/refusal';
import { allColumns, comparedColumn, type PhysicalColumn } from './physical.js';
import { pointInTime } from './zone.js';

export const OPERATORS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'all', 'null'] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Filter {
  readonly field: string;
  readonly operator: Operator;
  /** Validated values as PostgreSQL takes them. */
  readonly values: readonly string[];
  /** Of `sharedWith`: shares that have ended by then do not count. */
  readonly at?: Date;
}

export interface SortKey {
  readonly field: string;
  readonly descending: boolean;
}

/** Collects problems and turns them into one refusal that names every field. */
export class Problems {
  readonly details: RefusalDetail[] = [];
  add(field: string, rule: string, message: string, remedy?: string, value?: unknown): void {
    this.details.push({
      field,
      rule,
      message,
      ...(remedy ? { remedy } : {}),
      ...(value !== undefined ? { value } : {}),
    });
  }
  refusal(): Refusal | undefined {
    if (this.details.length === 0) return undefined;
    const message =
      this.details.length === 1
        ? this.details[0]!.message
        : `${this.details.length} parameters are not valid.`;
    return refusal('VALIDATION_ERROR', 'shape', message, this.details);
  }
}

export function filterableFields(model: ReadModel): string[] {
  return Object.entries(allColumns(model))
    .filter(([, column]) => column.filter)
    .map(([name]) => name);
}
export function sortableFields(model: ReadModel): string[] {
  return Object.entries(allColumns(model))
    .filter(([, column]) => column.sort)
    .map(([name]) => name);
}

export const REMEDY: Partial<Record<PhysicalColumn['kind'], string>> = {
  bigint: 'Give a whole number.',
  money: 'Give a whole number of minor units, for example 105400 for 1,054.00.',
  boolean: 'Give true or false.',
  date: 'Give a day as YYYY-MM-DD.',
  timestamptz: 'Give an instant such as 2026-03-01T09:30:00Z, or a day.',
  uuid: 'Give an id as the API returned it.',
};

/** The value as PostgreSQL takes it, or undefined when it does not fit the column. */
export function coerce(
  kind: PhysicalColumn['kind'],
  value: string,
  timeZone: string,
): string | undefined {
  switch (kind) {
    case 'bigint':
    case 'money':
      return /^-?\d{1,18}$/.test(value) ? value : undefined;
    case 'boolean':
      return value === 'true' || value === 'false' ? value : undefined;
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(value) && pointInTime(value, 'UTC') ? value : undefined;
    case 'timestamptz':
      return pointInTime(value, timeZone)?.toISOString();
    case 'uuid':
      return isUuid(value) ? value : undefined;
    default:
      return value.includes('\u0000') || !value.isWellFormed() ? undefined : value;
  }
}

/** Checks one filter against the declaration; problems name what can be filtered. */
export function checkFilter(
  model: ReadModel,
  given: { readonly field: string; readonly operator: string; readonly values: readonly string[] },
  timeZone: string,
  problems: Problems,
): Filter | undefined {
  const { field } = given;
  const column = allColumns(model)[field];
  if (!column?.filter) {
    problems.add(
      field,
      'filter',
      `${field} is not a parameter of this list.`,
      `Filter by ${filterableFields(model).join(', ')}; further parameters are search, sort, ` +
        'fields, page, limit, cursor, count, asOf, knownAt, archived and deleted.',
    );
    return undefined;
  }
  const operator = OPERATORS.find((one) => one === given.operator);
  const allowed: readonly Operator[] =
    column.kind === 'tags' ? ['eq', 'in', 'all', 'null'] : OPERATORS.filter((o) => o !== 'all');
  if (!operator || !allowed.includes(operator)) {
    problems.add(
      field,
      'operator',
      `${field} has no operator ${given.operator}.`,
      `Use ${allowed.join(', ')}.`,
    );
    return undefined;
  }
  const kind = operator === 'null' ? 'boolean' : comparedColumn(model, field).kind;
  const values: string[] = [];
  for (const value of given.values) {
    const coerced = coerce(kind, value, timeZone);
    if (coerced === undefined) {
      problems.add(
        field,
        'value',
        `${field} cannot be compared with this value.`,
        REMEDY[kind],
        value,
      );
      return undefined;
    }
    values.push(coerced);
  }
  return { field, operator, values };
}

/** Checks sort keys such as `-createdAt,name`; adds the id as the last one. */
export function checkSort(model: ReadModel, text: string, problems: Problems): SortKey[] {
  const sortable = sortableFields(model);
  const keys: SortKey[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const descending = part.startsWith('-');
    const field = descending ? part.slice(1) : part;
    if (!sortable.includes(field)) {
      problems.add(
        'sort',
        'sort',
        `This list cannot be sorted by ${field || 'nothing'}.`,
        `Sort by ${sortable.join(', ')}; - before a name means descending.`,
        field,
      );
      return [];
    }
    if (keys.some((key) => key.field === field)) continue;
    keys.push({ field, descending });
  }
  if (keys.length > 4) problems.add('sort', 'sort', 'A list can be sorted by four fields at most.');
  const last = keys.at(-1);
  if (!keys.some((key) => key.field === 'id')) {
    keys.push({ field: 'id', descending: last?.descending ?? false });
  }
  return keys;
}

export function sortText(sort: readonly SortKey[]): string {
  return sort.map(({ field, descending }) => `${descending ? '-' : ''}${field}`).join(',');
}

import type { ReadModel } from '#kernel/read-model';
import { refusal, type Refusal } from '#kernel/refusal';
import { filterableFields, sortableFields } from '#platform/projections/list-checks';
import { MAX_LIMIT } from '#platform/projections/list-query';
import { allColumns } from '#platform/projections/physical';
import { pointInTime, startOfDay } from '#platform/projections/zone';
import type { JsonSchema, Parameter } from './endpoint.js';

const text = (examples?: readonly unknown[]): JsonSchema => ({
  type: 'string',
  ...(examples ? { examples } : {}),
});

export const asOf: Parameter = {
  name: 'asOf',
  description: 'As it was at this instant, or at the end of this day in the zone of the workspace.',
  schema: text(['2026-03-01T09:30:00Z', '2026-03-01']),
};
export const knownAt: Parameter = {
  name: 'knownAt',
  description: 'As it was known at this instant: without what was recorded later.',
  schema: text(['2026-03-01']),
};
export const atLeast: Parameter = {
  name: 'atLeast',
  description:
    'Waits up to two seconds until the answer contains this `meta.position` of a write, or several ' +
    'of them, separated by commas; 503 with Retry-After when it does not by then.',
  schema: text(),
};
export const fields: Parameter = {
  name: 'fields',
  description: 'Only these fields, separated by commas; the id is always there.',
  schema: text(['id,name']),
};
export const limit: Parameter = {
  name: 'limit',
  description: 'Entries of a page.',
  schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: 20 },
};
export const cursor: Parameter = {
  name: 'cursor',
  description: '`pagination.nextCursor` of the page before; without an end, unlike `page`.',
  schema: text(),
};
const presence = (name: string, what: string): Parameter => ({
  name,
  description: `Whether ${what} records are shown.`,
  schema: { type: 'string', enum: ['exclude', 'include', 'only'], default: 'exclude' },
});

const paging: readonly Parameter[] = [
  limit,
  {
    name: 'page',
    description: 'Page from 1, as far as row 10,000.',
    schema: { type: 'integer', minimum: 1, default: 1 },
  },
  cursor,
  {
    name: 'count',
    description: '`exact` counts beyond 10,000.',
    schema: { type: 'string', enum: ['exact'] },
  },
];

function filters(model: ReadModel): Parameter[] {
  const columns = allColumns(model);
  return filterableFields(model).map((name) => {
    const { kind, description } = columns[name]!;
    const values = (columns[name]!.schema as { enum?: readonly string[] }).enum;
    const money = kind === 'money' ? ' In minor units.' : '';
    const allowed = values ? ` One or several of ${values.join(', ')}.` : '';
    return {
      name,
      description: `${description ?? 'Equals this value.'}${money}${allowed}`,
      schema: text(),
    };
  });
}

/** Every query parameter of a model's list. */
export function listParameters(model: ReadModel): readonly Parameter[] {
  const searchable = Object.values(model.columns).some(({ search }) => search);
  return [
    ...filters(model),
    ...(searchable
      ? [{ name: 'search', description: 'Contains these words.', schema: text() }]
      : []),
    {
      name: 'sort',
      description: `Fields separated by commas, descending after a minus: ${sortableFields(model).join(', ')}.`,
      schema: { type: 'string', default: model.defaultSort },
    },
    fields,
    ...paging,
    ...(model.temporal ? [asOf, knownAt] : []),
    presence('archived', 'archived'),
    presence('deleted', 'deleted'),
    atLeast,
    {
      name: 'format',
      description: '`csv` gives the whole list as CSV; so does `Accept: text/csv`.',
      schema: { type: 'string', enum: ['json', 'csv'], default: 'json' },
    },
  ];
}

const invalid = (field: string, rule: string, message: string, remedy?: string): Refusal =>
  refusal('VALIDATION_ERROR', 'shape', message, [
    { field, rule, message, ...(remedy ? { remedy } : {}) },
  ]);

/** The fields asked for, or a refusal that names those there are. */
export function fieldsOf(
  model: ReadModel,
  given: string | readonly string[] | undefined,
): readonly string[] | undefined | Refusal {
  if (given === undefined) return undefined;
  const known = Object.keys(allColumns(model));
  const names = String(given)
    .split(',')
    .map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return [...new Set(['id', ...names])];
  const message = `There is no field ${unknown || '(empty)'}.`;
  return invalid('fields', 'field', message, `Use ${known.join(', ')}.`);
}

/** An instant or a day, which means its end, or its start for `from`; undefined when not given. */
export function momentOf(
  name: string,
  given: string | readonly string[] | undefined,
  timeZone: string,
): Date | undefined | Refusal {
  if (given === undefined) return undefined;
  const at = pointInTime(String(given), timeZone);
  if (at) return name === 'from' && isDay(String(given)) ? startOfDay(String(given), timeZone) : at;
  const remedy = 'Give an instant such as 2026-03-01T09:30:00Z, or a day.';
  return invalid(name, 'instant', `${name} is neither an instant nor a day.`, remedy);
}

const isDay = (text: string) => text.length === 10;

/** A whole number within bounds. */
export function wholeOf(
  name: string,
  given: string | readonly string[] | undefined,
  [least, most]: readonly [number, number],
  initial: number,
): number | Refusal {
  if (given === undefined) return initial;
  const value = Number(given);
  if (/^\d{1,9}$/.test(String(given)) && value >= least && value <= most) return value;
  const message = `${name} must be a whole number from ${least} to ${most}.`;
  return invalid(name, 'range', message);
}

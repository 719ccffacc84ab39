import { isDeepStrictEqual } from 'node:util';
import { Reference, type Row, type Values } from './load.js';
import type { RecipeCondition, RecipeValue, RecipeValues } from './recipe-schema.js';

type Of<Value> = (row: Row) => Value;

const PARTS = /\[([^\]]*)\]|\{(\w+)\}/g;
const ONE = /^\{(\w+)\}$/;

/**
 * What a template makes of a row: `{column}` alone is the column's value as it was read; within
 * text it is written out, and a part in brackets only stays where its columns are filled.
 */
export function templateOf(template: string): Of<unknown> {
  const column = ONE.exec(template)?.[1];
  if (column !== undefined) return (row) => row[column] ?? null;
  if (!/[[{]/.test(template)) return () => template;
  const fill = (text: string, row: Row): string =>
    text.replaceAll(PARTS, (_all, inner: string | undefined, name: string | undefined) => {
      if (name !== undefined) return String(row[name] ?? '');
      const columns = [...inner!.matchAll(/\{(\w+)\}/g)].map(([, one]) => one!);
      return columns.every((one) => row[one] !== null) ? fill(inner!, row) : '';
    });
  return (row) => fill(template, row);
}

/** The values of a row, references included. */
export function valuesOf(values: RecipeValues): Of<Values> {
  const made = Object.entries(values).map(([field, value]) => [field, valueOf(value)] as const);
  return (row) => Object.fromEntries(made.map(([field, value]) => [field, value(row)]));
}

function valueOf(value: RecipeValue): Of<unknown> {
  if (typeof value === 'string') return templateOf(value);
  if ('literal' in value) {
    const { literal, whenEmpty } = value;
    return (row) => (whenEmpty === undefined || row[whenEmpty] === null ? literal : null);
  }
  if ('firstWordOf' in value) return (row) => words(row[value.firstWordOf])[0];
  if ('otherWordsOf' in value) {
    return (row) => {
      const [first, ...rest] = words(row[value.otherWordsOf]);
      return rest.join(' ') || first;
    };
  }
  if ('record' in value) return referenceOf(value);
  throw new Error('recipe: only the input of a step takes something from the state');
}

/** The first word is the given name. */
function words(name: unknown): string[] {
  return String(name).split(/\s+/);
}

type RecipeReference = Extract<RecipeValue, { readonly record: string }>;

function referenceOf({ record, key, column, take, where = {} }: RecipeReference) {
  const keyOf = templateOf(key);
  return (row: Row) => {
    const found = keyOf(row);
    if (found === null) return null;
    const pick = take && ((state: never) => partOf(state, take, where, row));
    return new Reference(record, String(found), column, pick);
  };
}

function partOf(
  state: unknown,
  take: NonNullable<RecipeReference['take']>,
  where: NonNullable<RecipeReference['where']>,
  row: Row,
): unknown {
  const parts = (at(state, take.from) ?? []) as readonly Values[];
  const wanted = Object.entries(where).map(([field, { byValueOf, values, otherwise }]) => {
    return [field, values[String(row[byValueOf])] ?? otherwise] as const;
  });
  const found = parts.find(
    (part) => !part['removed'] && wanted.every(([field, value]) => part[field] === value),
  );
  return found?.[take.field];
}

/** What is at a path such as `lineItems.0.lineId`. */
export function at(state: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Values | undefined)?.[key], state);
}

const isLate = (value: RecipeValue): value is { readonly state: string } =>
  typeof value === 'object' && 'state' in value;

/** The values that follow from the row alone. */
export function kept(values: RecipeValues): RecipeValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isLate(value)));
}

/** The values that follow from the record; undefined where there are none. */
export function later(values: RecipeValues): ((state: never) => Values) | undefined {
  const late = Object.entries(values).flatMap(([field, value]) =>
    isLate(value) ? [[field, value.state] as const] : [],
  );
  if (late.length === 0) return undefined;
  return (state) => Object.fromEntries(late.map(([field, path]) => [field, at(state, path)]));
}

/** Whether the record shows what a condition asks for. */
export function isDone(condition: RecipeCondition, state: unknown, input: Values): boolean {
  const found = at(state, condition.state);
  const wanted = (value: string | { readonly input: string }) =>
    typeof value === 'string' ? value : input[value.input];
  if (condition.exists) return found !== undefined && found !== null;
  if (condition.includes !== undefined) {
    return ((found ?? []) as readonly unknown[]).includes(wanted(condition.includes));
  }
  if (condition.not !== undefined) return !isDeepStrictEqual(found, wanted(condition.not));
  return condition.is !== undefined && isDeepStrictEqual(found, wanted(condition.is));
}

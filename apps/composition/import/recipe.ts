import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from '#platform/commands/validation';
import { amount, oneOf, text, usDay, whole, type Column, type Read } from './columns.js';
import type { Load, Row, Step, Values } from './load.js';
import { isDone, kept, later, templateOf, valuesOf } from './recipe-values.js';
import {
  recipeSchema,
  type RecipeColumn,
  type RecipeFile,
  type RecipeLoad,
  type RecipeRule,
  type RecipeStep,
} from './recipe-schema.js';

/** A data set: its files, in the order in which they build on each other. */
export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly loads: readonly Load[];
  /** Files made from others where the folder does not have them. */
  readonly generated: NonNullable<RecipeFile['generated']>;
}

const folder = join(import.meta.dirname, 'recipes');

/** The names of the data sets the product knows. */
export function recipeNames(): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/** The recipe of that name. Throws when its file does not have the declared shape. */
export function readRecipe(name: string): Recipe {
  const file: unknown = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  return compileRecipe(file);
}

/** A recipe as it is carried out. Throws what is wrong with the file. */
export function compileRecipe(file: unknown): Recipe {
  const invalid = validate(recipeSchema, file);
  if (invalid) throw new Error(`recipe: ${invalid.details.map((one) => one.message).join(' ')}`);
  const { name, title, loads, generated = {} } = file as RecipeFile;
  return { name, title, generated, loads: loads.map(loadOf) };
}

function readerOf(column: RecipeColumn): Read<unknown> {
  switch (column.read) {
    case 'text':
      return text(column.most);
    case 'whole':
      return whole(column.least, column.most);
    case 'choice':
      return oneOf(...column.values);
    case 'usDay':
      return usDay;
    case 'amount':
      return amount(column.currency, column.exponent);
  }
}

function loadOf(given: RecipeLoad): Load {
  const { title, file, record, repeats, rules = [], steps = [], on } = given;
  const columns = Object.fromEntries(
    Object.entries(given.columns).map(([name, column]): [string, Column<unknown>] => {
      const { required = false, aliases = {} } = column;
      return [name, { read: readerOf(column), required, aliases }];
    }),
  );
  // A misspelt column would silently leave a field empty.
  for (const used of columnsIn(given)) {
    if (!columns[used]) throw new Error(`recipe: ${title} has no column ${used}`);
  }
  const key = templateOf(given.key);
  const day = on === undefined ? undefined : templateOf(on);
  const parts = (values: RecipeLoad['values']) => values && valuesOf(values);
  const [values, initial, waiting] = [given.values, given.initial, given.later].map(parts);
  return {
    title,
    record,
    columns,
    key: (row) => String(key(row)),
    check: (row) => firstFault(rules, row),
    ...(file ? { file } : {}),
    ...(repeats ? { repeats } : {}),
    ...(day ? { on: (row) => day(row) as string | null } : {}),
    ...(values ? { values } : {}),
    ...(initial ? { initial } : {}),
    ...(waiting ? { later: waiting } : {}),
    ...(steps.length > 0 ? { steps: stepsOf(steps) } : {}),
  };
}

type Conditions = Readonly<Record<string, readonly string[]>>;

function holds(when: Conditions | undefined, row: Row): boolean {
  return Object.entries(when ?? {}).every(([column, values]) =>
    values.includes(String(row[column])),
  );
}

function firstFault(rules: readonly RecipeRule[], row: Row) {
  for (const { when, needs, order } of rules) {
    if (!holds(when, row)) continue;
    if (needs && row[needs] === null) {
      const [because] = Object.keys(when);
      const message = `is empty, but ${because} is ${String(row[because!]).toLowerCase()}`;
      const remedy = `Fill it in, or correct ${because}.`;
      return { column: needs, rule: 'required', message, remedy };
    }
    const [first, second] = order ?? [];
    if (!first || !second || row[first] === null || row[second] === null) continue;
    if (String(row[first]) <= String(row[second])) continue;
    const message = `is before ${first}`;
    return { column: second, rule: 'order', message, remedy: 'Correct one of the two.' };
  }
  return undefined;
}

function stepsOf(steps: readonly RecipeStep[]): (row: Row) => Step[] {
  const made = steps.map(({ name, command, when, input, on, done }) => {
    const nameOf = templateOf(name);
    const dayOf = on === undefined ? undefined : templateOf(on);
    const inputOf = valuesOf(kept(input));
    const fromState = later(input);
    return (row: Row): Step[] => {
      if (!holds(when, row)) return [];
      const fixed = inputOf(row);
      return [
        {
          name: String(nameOf(row)),
          command,
          input: fixed,
          ...(fromState ? { late: fromState } : {}),
          ...(dayOf ? { on: dayOf(row) as string | null } : {}),
          done: (state: never, values: Values) => done.some((one) => isDone(one, state, values)),
        },
      ];
    };
  });
  return (row) => made.flatMap((step) => step(row));
}

/** Every column a load names. */
function columnsIn(load: RecipeLoad): readonly string[] {
  const { columns: _columns, rules = [], ...rest } = load;
  const text = JSON.stringify({ ...rest, rules: undefined });
  const inTemplates = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const named = [...text.matchAll(/"(?:firstWordOf|otherWordsOf|whenEmpty|byValueOf)":"(\w+)"/g)];
  const inRules = rules.flatMap(({ when, needs, order = [] }) => [
    ...Object.keys(when),
    ...(needs ? [needs] : []),
    ...order,
  ]);
  return [...inTemplates, ...named.map(([, name]) => name!), ...inRules];
}

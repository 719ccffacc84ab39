import { Type, type Static } from '#kernel/fields';

// The words of a recipe, a data file: what the columns hold, and what becomes of a row.

const strict = { additionalProperties: false } as const;
const text = (description: string) => Type.String({ minLength: 1, maxLength: 500, description });
const template = text('{column} is its value; [ – {column}] is there unless the column is empty.');
const aliases = Type.Optional(Type.Record(Type.String(), Type.String()));
const common = { required: Type.Optional(Type.Boolean()), aliases };

const column = Type.Union([
  Type.Object(
    { read: Type.Literal('text'), most: Type.Integer({ minimum: 1 }), ...common },
    strict,
  ),
  Type.Object(
    { read: Type.Literal('whole'), least: Type.Integer(), most: Type.Integer(), ...common },
    strict,
  ),
  Type.Object(
    { read: Type.Literal('choice'), values: Type.Array(Type.String()), ...common },
    strict,
  ),
  Type.Object({ read: Type.Literal('usDay'), ...common }, strict),
  Type.Object(
    {
      read: Type.Literal('amount'),
      currency: Type.String({ pattern: '^[A-Z]{3}$' }),
      exponent: Type.Optional(Type.Integer({ minimum: 0, maximum: 9 })),
      ...common,
    },
    strict,
  ),
]);
export type RecipeColumn = Static<typeof column>;

const choice = Type.Object(
  {
    byValueOf: text('Column whose value decides.'),
    values: Type.Record(Type.String(), Type.String()),
    otherwise: Type.String(),
  },
  strict,
);

const value = Type.Union([
  template,
  Type.Object({ literal: Type.Unknown(), whenEmpty: Type.Optional(text('Column.')) }, strict),
  Type.Object({ firstWordOf: text('Column with the name of a person.') }, strict),
  Type.Object({ otherWordsOf: text('Column with the name of a person.') }, strict),
  Type.Object({ state: text('Path in the state of the record; in steps only.') }, strict),
  Type.Object(
    {
      record: text('Type of the record this refers to.'),
      key: template,
      column: Type.Optional(text('Column to blame where there is no such record.')),
      /** A part of that record instead of its id. */
      take: Type.Optional(Type.Object({ from: Type.String(), field: Type.String() }, strict)),
      where: Type.Optional(Type.Record(Type.String(), choice)),
    },
    strict,
  ),
]);
export type RecipeValue = Static<typeof value>;

const values = Type.Record(Type.String(), value);
export type RecipeValues = Readonly<Record<string, RecipeValue>>;
const when = Type.Record(Type.String(), Type.Array(Type.String()));

const rule = Type.Object(
  {
    when,
    needs: Type.Optional(text('Column that must not be empty then.')),
    order: Type.Optional(Type.Array(Type.String(), { minItems: 2, maxItems: 2 })),
  },
  strict,
);
export type RecipeRule = Static<typeof rule>;

const compared = Type.Union([
  Type.String(),
  Type.Object({ input: text('Field of the input of the step.') }, strict),
]);
const condition = Type.Object(
  {
    state: text('Path in the state of the record.'),
    exists: Type.Optional(Type.Literal(true)),
    is: Type.Optional(compared),
    not: Type.Optional(compared),
    includes: Type.Optional(compared),
  },
  strict,
);
export type RecipeCondition = Static<typeof condition>;

const step = Type.Object(
  {
    name: template,
    command: text('Command that makes it so.'),
    when: Type.Optional(when),
    input: values,
    on: Type.Optional(template),
    done: Type.Array(condition, { minItems: 1, description: 'One of them shows that it is done.' }),
  },
  strict,
);
export type RecipeStep = Static<typeof step>;

const load = Type.Object(
  {
    title: text('What the rows are, for reports.'),
    file: Type.Optional(text('Name in the folder; a single row of nothing without one.')),
    record: text('Type of the records.'),
    columns: Type.Record(Type.String(), column),
    key: template,
    repeats: Type.Optional(Type.Boolean()),
    rules: Type.Optional(Type.Array(rule)),
    on: Type.Optional(template),
    values: Type.Optional(values),
    initial: Type.Optional(values),
    later: Type.Optional(values),
    steps: Type.Optional(Type.Array(step)),
  },
  strict,
);
export type RecipeLoad = Static<typeof load>;

/** A file of made-up people, so many for each row of another file. */
const people = Type.Object(
  { from: text('File.'), column: text('Company.'), people: Type.Integer({ minimum: 1 }) },
  strict,
);

export const recipeSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9-]+$' }),
    title: text('Title.'),
    generated: Type.Optional(Type.Record(Type.String(), people)),
    loads: Type.Array(load, { minItems: 1 }),
  },
  strict,
);
export type RecipeFile = Static<typeof recipeSchema>;

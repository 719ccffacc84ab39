import fc from 'fast-check';

type Schema = Readonly<Record<string, any>>;
/** Finds what a `$ref` names. */
export type Resolve = (ref: string) => Schema;

const instants = fc.date({
  min: new Date('1990-01-01T00:00:00Z'),
  max: new Date('2090-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const FORMATS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  uuid: fc.uuid(),
  email: fc.stringMatching(/^[a-z]{1,12}@[a-z]{1,12}\.example$/),
  date: instants.map((date) => date.toISOString().slice(0, 10)),
  'date-time': instants.map((date) => date.toISOString()),
};

/** Text that PostgreSQL, JSON and people may all have trouble with. */
const someText = (minLength: number, maxLength: number) =>
  fc.oneof(
    fc.string({ minLength, maxLength }),
    fc.string({ minLength, maxLength, unit: 'binary' }),
    fc
      .constantFrom("' OR 1=1 --", '%_\\', 'null', '🤷🏽', '‮', '=1+1')
      .filter((text) => text.length >= minLength && text.length <= maxLength),
  );

function texts(schema: Schema): fc.Arbitrary<unknown> {
  const { format, pattern, examples, minLength = 0, maxLength = 60 } = schema;
  if (format && FORMATS[format]) return FORMATS[format];
  if (!pattern) return someText(minLength, Math.max(minLength, Math.min(maxLength, 60)));
  try {
    return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length <= maxLength);
  } catch {
    // Patterns that look ahead cannot be followed.
    return examples?.length ? fc.constantFrom(...examples) : fc.string();
  }
}

/** Values a JSON Schema allows, as far as it says; rules beyond it may refuse them all the same. */
export function valuesOf(schema: Schema, resolve: Resolve, depth = 0): fc.Arbitrary<unknown> {
  if (schema['$ref']) return valuesOf(resolve(schema['$ref']), resolve, depth);
  if ('const' in schema) return fc.constant(schema['const']);
  if (schema['enum']) return fc.constantFrom(...(schema['enum'] as unknown[]));
  const choices = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
  if (choices) return fc.oneof(...choices.map((one) => valuesOf(one, resolve, depth)));
  switch (schema['type']) {
    case 'string':
      return texts(schema);
    case 'integer':
      return fc.integer({ min: schema['minimum'] ?? -1_000, max: schema['maximum'] ?? 1_000_000 });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valuesOf(schema['items'] ?? {}, resolve, depth + 1), {
        minLength: schema['minItems'] ?? 0,
        maxLength: Math.max(schema['minItems'] ?? 0, Math.min(schema['maxItems'] ?? 3, 3)),
      });
    case 'object':
      return objects(schema, resolve, depth);
    default:
      return fc.constantFrom('x', 1, true, null, [], {});
  }
}

function objects(schema: Schema, resolve: Resolve, depth: number): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
  const required = new Set((schema['required'] ?? []) as string[]);
  const shown = properties.filter(([name]) => depth < 5 || required.has(name));
  const record = Object.fromEntries(
    shown.map(([name, one]) => [name, valuesOf(one, resolve, depth + 1)]),
  );
  const requiredKeys = shown.map(([name]) => name).filter((name) => required.has(name));
  return fc.record(record, { requiredKeys });
}

const deep = JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`) as unknown;
/** Values that are wrong nearly everywhere. */
export const wrongValues: readonly unknown[] = [
  null,
  '',
  ' ',
  'a\u0000b',
  '\ud800',
  'x'.repeat(100_001),
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  true,
  [],
  {},
  [[]],
  { $ne: 1 },
  deep,
  '0000-00-00',
  '9999-99-99T99:99:99Z',
  '00000000-0000-0000-0000-000000000000',
];
const wrong = fc.constantFrom(...wrongValues);

/** Bodies that begin as allowed ones and were then broken. */
export function brokenOf(schema: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  const changes = fc.record({
    place: fc.nat(),
    value: wrong,
    how: fc.constantFrom('replace', 'drop', 'add', 'whole'),
  });
  return fc.tuple(valuesOf(schema, resolve), changes).map(([body, { place, value, how }]) => {
    if (how === 'whole' || typeof body !== 'object' || body === null) return value;
    const keys = Object.keys(body);
    const key = keys[place % Math.max(1, keys.length)];
    if (how === 'add' || key === undefined) return { ...body, unknownField: value };
    const { [key]: _gone, ...rest } = body as Record<string, unknown>;
    return how === 'drop' ? rest : { ...rest, [key]: value };
  });
}

import type { JsonSchema } from '../rest/endpoint.js';

type Schemas = Readonly<Record<string, JsonSchema>>;

const FORMATS: Readonly<Record<string, unknown>> = {
  uuid: '01890a5d-ac96-774b-bcce-b302099a8057',
  email: 'gavin@hooli.com',
  date: '2026-03-01',
  'date-time': '2026-03-01T09:30:00Z',
};
const NAMES: Readonly<Record<string, unknown>> = {
  name: 'Hooli',
  firstName: 'Gavin',
  lastName: 'Belson',
  title: 'Chief executive',
  website: 'https://hooli.example',
  content: 'Asked for a second offer.',
  subject: 'Call about the offer',
  description: 'What was agreed.',
};
const DEPTH = 5;

function ofText(schema: JsonSchema, name: string): unknown {
  const known = FORMATS[String(schema['format'])] ?? NAMES[name];
  if (known !== undefined) return known;
  if (String(schema['pattern']).startsWith('^https?')) return 'https://hooli.example';
  return 'text';
}

function ofObject(schema: JsonSchema, schemas: Schemas, depth: number): unknown {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const required = (schema['required'] ?? []) as readonly string[];
  // Required fields, or the first few where nothing is required, make the shortest request that works.
  const names = required.length > 0 ? required : Object.keys(properties).slice(0, 2);
  return Object.fromEntries(
    names.map((name) => [name, exampleOf(properties[name] ?? {}, schemas, name, depth + 1)]),
  );
}

/** A value that fits a schema: its own example where it has one. */
export function exampleOf(schema: JsonSchema, schemas: Schemas, name = '', depth = 0): unknown {
  const reference = schema['$ref'] as string | undefined;
  if (reference) {
    return exampleOf(schemas[reference.split('/').at(-1)!] ?? {}, schemas, name, depth);
  }
  if (depth > DEPTH) return null;
  const examples = schema['examples'] as readonly unknown[] | undefined;
  if (examples?.length) return examples[0];
  for (const key of ['const', 'default']) if (key in schema) return schema[key];
  const values = schema['enum'] as readonly unknown[] | undefined;
  if (values) return values[0];
  const all = schema['allOf'] as readonly JsonSchema[] | undefined;
  if (all) {
    return Object.assign(
      {},
      ...(all.map((one) => exampleOf(one, schemas, name, depth)) as object[]),
    );
  }
  const options = (schema['anyOf'] ?? schema['oneOf']) as readonly JsonSchema[] | undefined;
  if (options) return exampleOf(options[0]!, schemas, name, depth);
  switch (schema['type']) {
    case 'object':
      return ofObject(schema, schemas, depth);
    case 'array':
      return [exampleOf((schema['items'] ?? {}) as JsonSchema, schemas, name, depth + 1)];
    case 'string':
      return ofText(schema, name);
    case 'integer':
    case 'number':
      return schema['minimum'] ?? 1;
    case 'boolean':
      return true;
    default:
      return null;
  }
}

import type { AnyCommand } from '#kernel/command';
import type { ReadModel } from '#kernel/read-model';
import { allColumns } from '#platform/projections/physical';
import type { JsonSchema } from './endpoint.js';

/** `companies` of record `company`: `Company`. */
export function schemaName(model: Pick<ReadModel, 'record'>): string {
  return model.record.replaceAll(/(?:^|_)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

export function refTo(model: Pick<ReadModel, 'record'>): JsonSchema {
  return { $ref: `#/components/schemas/${schemaName(model)}` };
}
export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
export function inputRef(command: Pick<AnyCommand, 'name'>): JsonSchema {
  return ref(command.name);
}
export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}
export function objectOf(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = Object.keys(properties),
): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}
export const text: JsonSchema = { type: 'string' };
export const uuid: JsonSchema = { type: 'string', format: 'uuid' };
export const count: JsonSchema = { type: 'integer', minimum: 0 };
export const instant: JsonSchema = { type: 'string', format: 'date-time' };
export const maybe = (schema: JsonSchema): JsonSchema => ({
  anyOf: [schema, { type: 'null' }],
});

/** A plain copy: the validator's own marks on a schema are no part of JSON Schema. */
export function plain(schema: unknown): JsonSchema {
  return JSON.parse(JSON.stringify(schema)) as JsonSchema;
}

function nullable(schema: JsonSchema): JsonSchema {
  const options = schema['anyOf'] as readonly JsonSchema[] | undefined;
  if (options?.some(({ type }) => type === 'null')) return schema;
  const { description, ...rest } = schema;
  return { ...(description ? { description } : {}), anyOf: [rest, { type: 'null' }] };
}

const alwaysThere = ['id', 'revision', 'createdAt', 'updatedAt', 'tags'];

/** A record as lists and answers show it; whatever was never given is null. */
export function rowSchema(model: ReadModel): JsonSchema {
  const properties = Object.fromEntries(
    Object.entries(allColumns(model)).map(([name, column]) => {
      const schema = plain(column.schema);
      return [name, alwaysThere.includes(name) ? schema : nullable(schema)];
    }),
  );
  return {
    type: 'object',
    title: schemaName(model),
    description: model.description,
    properties,
    required: ['id', 'revision'],
  };
}

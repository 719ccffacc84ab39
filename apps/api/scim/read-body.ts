import { isObject, keyIn, type Json } from './paths.js';
import { invalid } from './problem.js';
import { commonAttributes, derived, type Attribute, type ResourceType } from './schemas.js';

/**
 * A resource as a client sent it, with names as the schema has them and values of the declared
 * types. What the client may not write is passed over, as RFC 7644 asks; what is empty is left out.
 */
export function readResource(type: ResourceType, body: unknown): Json {
  if (!isObject(body)) throw invalid('invalidSyntax', 'The body has to be a JSON object.');
  checkSchemas(type, body);
  const external = commonAttributes.filter(({ name }) => name === 'externalId');
  const core = readAttributes([...external, ...type.schema.attributes], body, '');
  const { extension } = type;
  const key = extension && keyIn(body, extension.id);
  if (!extension || key === undefined || body[key] === null) return core;
  const inner = body[key];
  if (!isObject(inner)) throw invalid('invalidValue', `${extension.id} has to be an object.`);
  return { ...core, [extension.id]: readAttributes(extension.attributes, inner, '') };
}

function checkSchemas({ schema, extension }: ResourceType, body: Json): void {
  const key = keyIn(body, 'schemas');
  const given = key === undefined ? undefined : body[key];
  if (!Array.isArray(given) || !given.every((one) => typeof one === 'string')) {
    throw invalid('invalidSyntax', `schemas is missing; it names ${schema.id}.`);
  }
  const names = given.map((one) => one.toLowerCase());
  if (!names.includes(schema.id.toLowerCase())) {
    throw invalid('invalidValue', `schemas does not name ${schema.id}.`);
  }
  const known = [schema.id, extension?.id].map((id) => id?.toLowerCase());
  const unknown = given.find((one) => !known.includes(one.toLowerCase()));
  if (unknown) throw invalid('invalidValue', `The schema ${unknown} is not known here.`);
}

function readAttributes(attributes: readonly Attribute[], given: Json, within: string): Json {
  const entries = attributes.flatMap((attribute) => {
    const key = keyIn(given, attribute.name);
    // Which of several values is meant is read, though it is not kept.
    if (attribute.mutability === 'readOnly' && attribute.name !== 'primary') return [];
    const value = key === undefined ? undefined : readValue(attribute, given[key], within);
    const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) return [[attribute.name, value] as const];
    if (!attribute.required || within || derived.has(attribute.name)) return [];
    throw invalid('invalidValue', `${within}${attribute.name} is required.`);
  });
  return Object.fromEntries(entries);
}

function readValue(attribute: Attribute, value: unknown, within: string): unknown {
  const name = `${within}${attribute.name}`;
  if (value === null || value === undefined || value === '') return undefined;
  if (attribute.multiValued) {
    if (!Array.isArray(value)) throw invalid('invalidValue', `${name} has to be a list.`);
    return (value as unknown[]).map((one) => readOne(attribute, one, name));
  }
  return readOne(attribute, value, name);
}

function readOne({ type, subAttributes }: Attribute, value: unknown, name: string): unknown {
  switch (type) {
    case 'complex': {
      const object = typeof value === 'string' ? { value } : value;
      if (!isObject(object)) throw invalid('invalidValue', `${name} has to be an object.`);
      return readAttributes(subAttributes!, object, `${name}.`);
    }
    case 'boolean': {
      // Some directories send "True" as text.
      const text = typeof value === 'string' ? value.toLowerCase() : value;
      if (text === true || text === 'true') return true;
      if (text === false || text === 'false') return false;
      throw invalid('invalidValue', `${name} has to be true or false.`);
    }
    default:
      if (typeof value !== 'string') throw invalid('invalidValue', `${name} has to be text.`);
      if (value.includes('\u0000')) throw invalid('invalidValue', `${name} holds a NUL character.`);
      return value.trim() === '' ? undefined : value;
  }
}

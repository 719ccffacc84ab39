import { commonAttributes, notKept, type Attribute, type ResourceType } from './schemas.js';

/** A JSON object of a SCIM request or answer. */
export type Json = Readonly<Record<string, unknown>>;

/** Where an attribute lies in a resource: in an extension or not, and beneath another or not. */
export interface Path {
  /** URN of the extension the attribute belongs to. */
  readonly extension?: string;
  readonly attribute: Attribute;
  readonly sub?: Attribute;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is beneath a name, whatever its case. */
export function find<Named extends { readonly name: string }>(
  list: readonly Named[],
  name: string,
): Named | undefined {
  return list.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

/** The key of an object a name stands for, whatever its case. */
export function keyIn(object: Json, name: string): string | undefined {
  return Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase());
}

export function valueIn(object: Json, name: string): unknown {
  const key = keyIn(object, name);
  return key === undefined ? undefined : object[key];
}

const startsWith = (text: string, start: string) =>
  text.toLowerCase().startsWith(start.toLowerCase());

/** The extension a name begins with and what follows; the core schema's URN may stand there too. */
function splitUrn({ schema, extension }: ResourceType, text: string) {
  for (const { id } of extension ? [extension, schema] : [schema]) {
    if (!startsWith(text, `${id}:`)) continue;
    const rest = text.slice(id.length + 1);
    return id === schema.id ? { rest } : { rest, extension: id };
  }
  return { rest: text };
}

/** Reads `emails.value` or `urn:…:User:department`; `notKept` for what the product has no place for. */
export function pathOf(type: ResourceType, text: string): Path | 'notKept' | undefined {
  const { rest, extension } = splitUrn(type, text);
  const [name, subName, ...more] = rest.split('.') as [string, ...string[]];
  if (more.length > 0) return undefined;
  const attributes = extension
    ? type.extension!.attributes
    : [...commonAttributes, ...type.schema.attributes];
  const attribute = find(attributes, name);
  if (!attribute) return notKept.has(name.toLowerCase()) ? 'notKept' : undefined;
  const base = { attribute, ...(extension ? { extension } : {}) };
  if (subName === undefined) return base;
  const sub = find(attribute.subAttributes ?? [], subName);
  if (!sub) return notKept.has(subName.toLowerCase()) ? 'notKept' : undefined;
  return { ...base, sub };
}

/** The same in the first of some types that has it; undefined too for what has no place. */
export function pathIn(types: readonly ResourceType[], text: string): Path | undefined {
  for (const type of types) {
    const path = pathOf(type, text);
    if (path && path !== 'notKept') return path;
  }
  return undefined;
}

/** How refusals name types: `User or Group`. */
export const namesOf = (types: readonly ResourceType[]): string =>
  types.map(({ name }) => name).join(' or ');

/** The values a path leads to in a resource; those of a list one by one. */
export function valuesAt(resource: Json, { extension, attribute, sub }: Path): unknown[] {
  const holder = extension ? resource[extension] : resource;
  if (!isObject(holder)) return [];
  const value = holder[attribute.name];
  const all = Array.isArray(value) ? (value as unknown[]) : [value];
  // A list of objects is compared by what its objects are about.
  const part =
    sub?.name ?? (attribute.type === 'complex' && attribute.multiValued ? 'value' : undefined);
  const found = part ? all.map((one) => (isObject(one) ? one[part] : undefined)) : all;
  return found.filter((one) => one !== undefined && one !== null);
}

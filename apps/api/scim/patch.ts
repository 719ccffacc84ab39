import { fits, parseElementFilter, type Filter } from './filter.js';
import { isObject, keyIn, pathOf, valueIn, type Json, type Path } from './paths.js';
import { invalid } from './problem.js';
import {
  commonAttributes,
  derived,
  keptOnce,
  type Attribute,
  type ResourceType,
} from './schemas.js';

export const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const MAX_OPERATIONS = 1_000;

type Action = 'add' | 'replace' | 'remove';
type Mutable = Record<string, unknown>;

/** One change, with its path read. */
interface Operation {
  readonly action: Action;
  readonly path: Path;
  readonly filter?: Filter;
  /** The filter as values, where it says nothing but what an element has. */
  readonly wanted?: Json;
  readonly value: unknown;
}

/** Applies a PATCH body to a resource; the resource itself stays as it was. */
export function patched(type: ResourceType, resource: Json, body: unknown): Json {
  if (!isObject(body)) throw invalid('invalidSyntax', 'The body has to be a JSON object.');
  const listed = valueIn(body, 'Operations');
  if (!Array.isArray(listed) || listed.length === 0) {
    throw invalid('invalidSyntax', 'Operations has to be a list with at least one operation.');
  }
  if (listed.length > MAX_OPERATIONS) {
    throw invalid('tooMany', `A request has at most ${MAX_OPERATIONS} operations.`);
  }
  const copy = structuredClone(resource) as Mutable;
  for (const one of listed as unknown[]) {
    for (const operation of operationsOf(type, one)) apply(copy, operation);
  }
  return copy;
}

function operationsOf(type: ResourceType, given: unknown): Operation[] {
  if (!isObject(given)) throw invalid('invalidSyntax', 'An operation has to be a JSON object.');
  const word = String(valueIn(given, 'op') ?? '').toLowerCase();
  if (word !== 'add' && word !== 'replace' && word !== 'remove') {
    throw invalid('invalidSyntax', 'op has to be add, replace or remove.');
  }
  const [path, value] = [valueIn(given, 'path'), valueIn(given, 'value')];
  if (path !== undefined && path !== null && typeof path !== 'string') {
    throw invalid('invalidPath', 'path has to be text.');
  }
  if (word !== 'remove' && value === undefined) {
    throw invalid('invalidValue', `${word} needs a value.`);
  }
  if (path) return operationAt(type, word, path, value);
  if (word === 'remove') throw invalid('noTarget', 'remove needs a path.');
  if (!isObject(value)) {
    throw invalid('invalidValue', 'Without a path, value has to be an object of attributes.');
  }
  return withoutPath(type, word, value);
}

/** Without a path the value names its attributes, some directories with paths as names. */
function withoutPath(type: ResourceType, action: Action, value: Json): Operation[] {
  return Object.entries(value).flatMap(([name, one]) => {
    const isExtension = name.toLowerCase() === type.extension?.id.toLowerCase();
    if (!isExtension) return name === 'schemas' ? [] : operationAt(type, action, name, one);
    if (!isObject(one)) throw invalid('invalidValue', `${name} has to be an object.`);
    return Object.entries(one).flatMap(([part, inner]) =>
      part === 'schemas' ? [] : operationAt(type, action, `${name}:${part}`, inner),
    );
  });
}

const PATH = /^([^[\]]+)(?:\[(.*)\])?(?:\.([\w$]+))?$/s;

function operationAt(
  type: ResourceType,
  action: Action,
  text: string,
  value: unknown,
): Operation[] {
  const parts = PATH.exec(text.trim());
  const [, name, inside, subName] = parts ?? [];
  const isWhole = name?.toLowerCase() === type.extension?.id.toLowerCase();
  if (isWhole && action === 'remove') {
    return type.extension!.attributes.flatMap((one) =>
      operationAt(type, action, `${name}:${one.name}`, undefined),
    );
  }
  if (isWhole) return withoutPath(type, action, { [name!]: value });
  const found = name ? pathOf(type, subName ? `${name}.${subName}` : name) : undefined;
  if (found === 'notKept') return [];
  if (!found) throw invalid('invalidPath', `${type.name} has no attribute ${text}.`);
  const { attribute, sub } = found;
  if (attribute.mutability === 'readOnly' || sub?.mutability === 'readOnly') {
    throw invalid('mutability', `${text} cannot be written.`);
  }
  if (inside === undefined) return [{ action, path: found, value }];
  if (!attribute.multiValued || attribute.type !== 'complex') {
    throw invalid('invalidPath', `${attribute.name} is no list of objects.`);
  }
  const filter = parseElementFilter(attribute, inside);
  const wanted = wantedBy(filter);
  return [{ action, path: found, filter, value, ...(wanted ? { wanted } : {}) }];
}

function wantedBy(filter: Filter): Json | undefined {
  if (filter.kind === 'compare' && filter.operator === 'eq') {
    return { [filter.path.attribute.name]: filter.value };
  }
  if (filter.kind !== 'and') return undefined;
  const [left, right] = [wantedBy(filter.left), wantedBy(filter.right)];
  return left && right && { ...left, ...right };
}

function apply(resource: Mutable, operation: Operation): void {
  const { path, filter, action } = operation;
  const { extension, attribute } = path;
  if (extension && !isObject(resource[extension])) resource[extension] = {};
  const holder = (extension ? resource[extension] : resource) as Mutable;
  if (filter) applyToElements(holder, operation, filter);
  else if (path.sub && attribute.multiValued) applyToAll(holder, operation);
  else if (path.sub) applyToPart(holder, operation);
  else if (action === 'remove') removeFrom(holder, operation);
  else if (attribute.multiValued) {
    const added = listOf(attribute, operation.value);
    const grows = action === 'add' && !keptOnce.has(attribute.name);
    const before = grows ? elementsOf(holder, attribute) : [];
    holder[attribute.name] = merged(before, added);
  } else if (attribute.type === 'complex') {
    const given = objectOf(attribute, operation.value);
    const before = action === 'add' ? holder[attribute.name] : undefined;
    holder[attribute.name] = { ...(isObject(before) ? before : {}), ...given };
  } else holder[attribute.name] = operation.value;
}

const elementsOf = (holder: Json, { name }: Attribute): Json[] =>
  Array.isArray(holder[name]) ? (holder[name] as unknown[]).filter(isObject) : [];

function applyToElements(holder: Mutable, operation: Operation, filter: Filter): void {
  const { action, path, value, wanted } = operation;
  const { attribute, sub } = path;
  const before = elementsOf(holder, attribute);
  const hits = before.filter((one) => fits(filter, one));
  if (action === 'remove') {
    holder[attribute.name] = sub
      ? before.map((one) => (hits.includes(one) ? without(one, sub.name) : one))
      : before.filter((one) => !hits.includes(one));
    return;
  }
  const part = sub ? { [sub.name]: value } : objectOf(attribute, value);
  if (hits.length > 0) {
    holder[attribute.name] = before.map((one) => (hits.includes(one) ? { ...one, ...part } : one));
    return;
  }
  // Directories replace what is not there yet; an element that fits is what they mean.
  if (!wanted) throw invalid('noTarget', `Nothing in ${attribute.name} fits the filter.`);
  const kept = keptOnce.has(attribute.name) ? [] : before;
  holder[attribute.name] = merged(kept, [{ ...wanted, ...part }]);
}

function applyToAll(holder: Mutable, { action, path: { attribute, sub }, value }: Operation): void {
  const before = elementsOf(holder, attribute);
  const elements = before.length > 0 || action === 'remove' ? before : [{}];
  holder[attribute.name] = elements.map((one) =>
    action === 'remove' ? without(one, sub!.name) : { ...one, [sub!.name]: value },
  );
}

function applyToPart(holder: Mutable, { action, path: { attribute, sub }, value }: Operation) {
  const before = isObject(holder[attribute.name]) ? (holder[attribute.name] as Json) : {};
  holder[attribute.name] =
    action === 'remove' ? without(before, sub!.name) : { ...before, [sub!.name]: value };
}

/** Removes an attribute, or of a list those elements the value names. */
function removeFrom(holder: Mutable, { path: { attribute }, value }: Operation): void {
  if (attribute.required && !derived.has(attribute.name)) {
    throw invalid('invalidValue', `${attribute.name} is required and cannot be removed.`);
  }
  if (!attribute.multiValued || value === undefined || value === null) {
    delete holder[attribute.name];
    return;
  }
  const gone = new Set(listOf(attribute, value).map((one) => one['value']));
  holder[attribute.name] = elementsOf(holder, attribute).filter((one) => !gone.has(one['value']));
}

function without(object: Json, name: string): Json {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

/** The elements with those added; an element that is there is changed, not doubled. */
function merged(before: readonly Json[], added: readonly Json[]): Json[] {
  const after = [...before];
  // Long lists of members: who is there is looked up, not searched.
  const places = new Map(before.map((one, place) => [placeKey(one), place]));
  for (const one of added) {
    const place = places.get(placeKey(one));
    if (place === undefined) places.set(placeKey(one), after.push(one) - 1);
    else after[place] = { ...after[place], ...one };
  }
  return after;
}

const placeKey = (one: Json) => JSON.stringify([one['value'], one['type'] ?? null]);

/** A value of a list attribute: objects, or plain values that stand for their `value`. */
function listOf(attribute: Attribute, value: unknown): Json[] {
  const all = Array.isArray(value) ? (value as unknown[]) : [value];
  return all.map((one) => objectOf(attribute, one));
}

/** A value of a complex attribute, its parts named as the schema names them. */
function objectOf(attribute: Attribute, value: unknown): Json {
  if (typeof value === 'string') return { value };
  if (!isObject(value)) throw invalid('invalidValue', `${attribute.name} has to hold objects.`);
  const parts = attribute.subAttributes ?? commonAttributes;
  const known = parts.flatMap(({ name }) => {
    const key = keyIn(value, name);
    return key === undefined ? [] : [[name, value[key]] as const];
  });
  return Object.fromEntries(known);
}

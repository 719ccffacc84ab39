import type { AnyCommand } from '#kernel/command';
import { standardColumns } from '#platform/projections/physical';
import type { ReadModel } from '#kernel/read-model';
import type { Registry } from '#platform/commands/registry';
import { adjustments, type Adjustment } from './adjustments.js';
import { choicesOf, kindOf, titleOf, type FieldSchema } from './field-kinds.js';
import type { TargetField } from './reading/types.js';

/** How people name the record a field points to. */
export interface FieldLookup {
  /** Collection it is in: `companies`. */
  readonly type: string;
  /** Fields it may be found by, the one meant without a word first. */
  readonly by: readonly string[];
}

/** Where the value of a field goes. */
export type Place =
  /** A field of the record; with a second name a part of it, such as the city of an address. */
  | { readonly to: 'values' | 'initial'; readonly path: readonly [string, string?] }
  /** First and last name in one. */
  | { readonly to: 'names' }
  /** The record it is about, of this type. */
  | { readonly to: 'related'; readonly part: 'values' | 'initial'; readonly record: string }
  /** What a later command makes true, such as a stage or a status. */
  | { readonly to: 'follow-up' }
  /** When the record came into being. */
  | { readonly to: 'createdAt' };

/** A field of an import, as people and the mapping know it. */
export interface ImportField extends TargetField {
  readonly required: boolean;
  readonly lookup?: FieldLookup;
  readonly place: Place;
}

/** Everything an import of one type of record can set, derived from its commands. */
export interface ImportTarget {
  /** Collection: `companies`. */
  readonly type: string;
  readonly record: string;
  readonly model: ReadModel;
  readonly create: AnyCommand;
  readonly change: AnyCommand;
  readonly fields: readonly ImportField[];
  readonly adjustment: Adjustment;
}

/** The types of records that can be imported. */
export function importTypes(registry: Registry): readonly string[] {
  return [...registry.readModels.keys()].filter((type) => importTarget(registry, type));
}

const made = new WeakMap<Registry, Map<string, ImportTarget | undefined>>();

/** What an import of a type can set; undefined for a type nobody creates. */
export function importTarget(registry: Registry, type: string): ImportTarget | undefined {
  let targets = made.get(registry);
  if (!targets) made.set(registry, (targets = new Map()));
  if (!targets.has(type)) targets.set(type, makeTarget(registry, type));
  return targets.get(type);
}

function makeTarget(registry: Registry, type: string): ImportTarget | undefined {
  const model = registry.readModels.get(type);
  if (!model) return undefined;
  const own = registry.product.commands.filter(
    ({ aggregate, internal }) =>
      !internal && (aggregate as { category: string }).category === model.category,
  );
  const create = own.find(({ creates }) => creates);
  const change = own.find(({ rest }) => rest.method === 'PATCH' && rest.path === `/${type}/:id`);
  if (!create || !change) return undefined;
  const adjustment = adjustments[type] ?? {};
  const target = { type, record: model.record, model, create, change, adjustment };
  return { ...target, fields: fieldsOf(registry, target) };
}

type Bare = Omit<ImportTarget, 'fields'>;

/** Words of the platform, not of the record. */
const NOT_FIELDS = ['allowDuplicate', 'relatedToType', 'relatedToId'];

function fieldsOf(registry: Registry, target: Bare): ImportField[] {
  const { create, change, adjustment, model } = target;
  const { leaveOut = [], defaults = {}, followUps = [] } = adjustment;
  const properties = create.input.properties as Readonly<Record<string, FieldSchema>>;
  const required = new Set((create.input as { required?: readonly string[] }).required);
  const fields: ImportField[] = [];
  const hasNames = 'firstName' in properties && 'lastName' in properties;
  if (hasNames) fields.push(field(model, 'fullName', { type: 'string', maxLength: 201 }, names));
  for (const [name, schema] of Object.entries(properties)) {
    if (NOT_FIELDS.includes(name) || leaveOut.includes(name)) continue;
    const to = name in change.input.properties ? 'values' : 'initial';
    const needed = required.has(name) && !(name in defaults) && !(hasNames && isName(name));
    fields.push(...expanded(registry, model, name, schema, to, needed));
  }
  fields.push(...relatedFields(registry, target));
  for (const { field: name, part, inputs = [], command, commands = {} } of followUps) {
    if (part) fields.push(partField(name, part.of, part.by));
    else fields.push(field(model, name, columnSchema(model, name), followUp));
    const taking = [...(command ? [command] : []), ...Object.values(commands)];
    for (const one of inputs) {
      const schemas = taking.map((each) => registry.command(each).input.properties[one]);
      fields.push(field(model, one, schemas.find(Boolean) as FieldSchema, followUp));
    }
  }
  const created = { type: 'string', format: 'date-time' } as const;
  fields.push(field(model, 'createdAt', created, { to: 'createdAt' }));
  return fields;
}

const names: Place = { to: 'names' };
const followUp: Place = { to: 'follow-up' };
const isName = (name: string) => name === 'firstName' || name === 'lastName';

function columnSchema(model: ReadModel, name: string): FieldSchema {
  return model.columns[name]!.schema as FieldSchema;
}

function field(
  model: Pick<ReadModel, 'name'>,
  name: string,
  schema: FieldSchema,
  place: Place,
  required = false,
): ImportField {
  const kind = kindOf(name, schema);
  if (!kind) throw new Error(`${model.name}.${name} cannot be imported`);
  const choices = choicesOf(schema);
  const title = titleOf(name);
  return { name, title, kind, required, place, ...(choices ? { choices } : {}) };
}

/** A field, the parts of an address or the like, or nothing where no cell can say it. */
function expanded(
  registry: Registry,
  model: ReadModel,
  name: string,
  schema: FieldSchema,
  to: 'values' | 'initial',
  required: boolean,
): ImportField[] {
  const referred = referredBy(registry, model, name);
  if (referred) {
    const lookup = { type: referred.name, by: lookupsOf(referred) };
    const title = titleOf(name.replace(/Id$/, ''));
    return [{ name, title, kind: 'lookup', required, lookup, place: { to, path: [name] } }];
  }
  if (kindOf(name, schema)) return [field(model, name, schema, { to, path: [name] }, required)];
  const parts = kindOf.plain(schema).properties ?? {};
  return Object.entries(parts).flatMap(([part, inner]) => {
    const place: Place = { to, path: [name, part] };
    if (!kindOf(part, inner)) return [];
    const title = `${titleOf(name)}, ${titleOf(part).toLowerCase()}`;
    return [{ ...field(model, part, inner, place), name: `${name}.${part}`, title }];
  });
}

/** The read model a field points to. */
function referredBy(registry: Registry, model: ReadModel, name: string): ReadModel | undefined {
  const column = model.columns[name] ?? standardColumns[name];
  return column?.references && column.kind === 'uuid'
    ? registry.readModels.get(column.references)
    : undefined;
}

/** Fields that tell records of a model apart for people. */
const TELLING = ['email', 'code'];

export function lookupsOf(model: ReadModel): readonly string[] {
  const found = [model.label, ...model.lookups, ...TELLING].filter(
    (name) => model.columns[name]?.kind === 'text',
  );
  return [...new Set([...found, 'id'])];
}

function partField(name: string, type: string, by: string): ImportField {
  const title = titleOf(name.replace(/Id$/, ''));
  const lookup = { type, by: [by] };
  return { name, title, kind: 'lookup', required: false, lookup, place: followUp };
}

/** `relatedCompany`, `relatedContact`, …: one field for each type a record may be about. */
function relatedFields(registry: Registry, { create, change }: Bare): ImportField[] {
  const schema = create.input.properties['relatedToType'] as FieldSchema | undefined;
  if (!schema) return [];
  const part = 'relatedToId' in change.input.properties ? 'values' : 'initial';
  return (choicesOf(schema) ?? []).flatMap(({ value: record }) => {
    const model = registry.modelOfRecord(record);
    if (!model) return [];
    const name = `related${record[0]!.toUpperCase()}${record.slice(1)}`;
    const lookup = { type: model.name, by: lookupsOf(model) };
    const place: Place = { to: 'related', part, record };
    return [{ name, title: titleOf(name), kind: 'lookup', required: false, lookup, place }];
  });
}

import { scopeOf, type RequestContext } from '#kernel/context';
import { refusal, type Refusal, type RefusalDetail } from '#kernel/refusal';
import type { Column } from './columns.js';
import type { Missing } from './finder.js';
import { valuesNamed } from './names.js';
import { readerOf, readsEmpty } from './reading/index.js';
import type { ReadSettings } from './reading/types.js';
import { importTarget, type ImportField, type ImportTarget } from './targets.js';
import type { Registry } from '#platform/commands/registry';

/** What becomes of one column of the file. */
export interface ColumnMapping {
  readonly field: string;
  readonly format?: string | null;
  /** Spellings of the file that mean another one. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Field the named record is looked for in; by the form of the value when left out. */
  readonly by?: string | null;
  /** What to do where there is no such record; an error when left out. */
  readonly missing?: Missing;
}

/** Column → field; null, or left out, for columns that are not imported. */
export type Mapping = Readonly<Record<string, ColumnMapping | null>>;

/** A mapped column with what is known of its field. */
export interface MappedColumn {
  readonly name: string;
  readonly field: ImportField;
  readonly given: ColumnMapping;
  readonly column: Column<unknown>;
}

/** A mapping that has been checked against the type and the columns of the file. */
export interface CheckedMapping {
  readonly target: ImportTarget;
  readonly columns: readonly MappedColumn[];
  readonly key: readonly string[];
}

const invalid = (details: readonly RefusalDetail[]) =>
  refusal('VALIDATION_ERROR', 'shape', details[0]!.message, details);

/** The mapping, if every part of it is possible and allowed; otherwise everything that is not. */
export function checkMapping(
  registry: Registry,
  ctx: RequestContext,
  target: ImportTarget,
  asked: { readonly mapping: Mapping; readonly key: readonly string[] },
  headings: readonly string[],
  settings: ReadSettings,
): CheckedMapping | Refusal {
  const details: RefusalDetail[] = [];
  const wrong = (field: string, rule: string, message: string, remedy: string) =>
    details.push({ field, rule, message, remedy });
  const columns: MappedColumn[] = [];
  const taken = new Map<string, string>();
  for (const [name, given] of Object.entries(asked.mapping)) {
    if (!given) continue;
    const place = `mapping.${name}`;
    const field = target.fields.find((one) => one.name === given.field);
    if (!headings.includes(name)) {
      wrong(place, 'column', `The file has no column ${name}.`, `Use ${headings.join(', ')}.`);
    } else if (!field) {
      const names = target.fields.map((one) => one.name).join(', ');
      wrong(place, 'field', `${target.type} have no field ${given.field}.`, `Use ${names}.`);
    } else if (taken.has(field.name)) {
      const message = `${field.name} comes from two columns, ${taken.get(field.name)} and ${name}.`;
      wrong(place, 'unique', message, 'Leave one of them out.');
    } else {
      taken.set(field.name, name);
      const problem = lookupProblem(registry, ctx, field, given);
      if (problem) wrong(place, 'lookup', problem[0], problem[1]);
      const column = columnOf(field, given, settings);
      if (column) columns.push({ name, field, given, column });
      else {
        const message = `${field.name} cannot be read as ${given.format}.`;
        wrong(`${place}.format`, 'format', message, 'Choose one of the formats of the column.');
      }
    }
  }
  for (const problem of requiredProblems(target, taken)) details.push(problem);
  for (const name of asked.key) {
    const field = columns.find((one) => one.field.name === name)?.field;
    if (!field) {
      wrong('key', 'mapped', `No column gives the key field ${name}.`, 'Map it, or leave it out.');
    } else if (field.kind === 'lookup' || field.kind === 'tags' || field.place.to !== 'values') {
      if (field.place.to !== 'names') {
        const message = `${name} cannot be a part of the key.`;
        wrong('key', 'kind', message, 'Choose a field with a value of its own.');
      }
    }
  }
  return details.length > 0 ? invalid(details) : { target, columns, key: [...new Set(asked.key)] };
}

function columnOf(
  field: ImportField,
  { format, aliases = {} }: ColumnMapping,
  settings: ReadSettings,
): Column<unknown> | undefined {
  try {
    const read = readerOf(field, format, settings);
    return { read, aliases, required: field.required, readsEmpty: readsEmpty(format) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Fields a new record needs that no column gives. */
function requiredProblems(
  { fields, create }: ImportTarget,
  taken: ReadonlyMap<string, string>,
): RefusalDetail[] {
  const missing = fields.filter(({ name, required }) => required && !taken.has(name));
  const details = missing.map(({ name, title }) => missingField(name, title));
  const hasNames = fields.some(({ place }) => place.to === 'names');
  const named = taken.has('fullName') || (taken.has('firstName') && taken.has('lastName'));
  if (hasNames && !named) {
    const message = 'The mapping has no name.';
    const remedy = 'Map fullName, or firstName and lastName.';
    details.push({ field: 'mapping', rule: 'required', message, remedy });
  }
  const related = fields.filter(({ place }) => place.to === 'related');
  const needed = (create.input as { required?: readonly string[] }).required ?? [];
  if (needed.includes('relatedToId') && !related.some(({ name }) => taken.has(name))) {
    const remedy = `Map one of ${related.map(({ name }) => name).join(', ')}.`;
    const message = 'The mapping does not say what the records are about.';
    details.push({ field: 'mapping', rule: 'required', message, remedy });
  }
  return details;
}

function missingField(name: string, title: string): RefusalDetail {
  const message = `No column gives ${title.toLowerCase()} (${name}), which every record needs.`;
  return { field: 'mapping', rule: 'required', message, remedy: `Map a column to ${name}.` };
}

/** Message and remedy where a record cannot be looked up, or made, as asked. */
function lookupProblem(
  registry: Registry,
  ctx: RequestContext,
  { name, lookup }: ImportField,
  { by, missing }: ColumnMapping,
): readonly [string, string] | undefined {
  if (!lookup) {
    return by || (missing && missing !== 'error')
      ? [`${name} refers to no record.`, 'Leave by and missing out.']
      : undefined;
  }
  if (by && !lookup.by.includes(by)) {
    return [`${lookup.type} cannot be found by ${by}.`, `Use ${lookup.by.join(', ')}.`];
  }
  if (missing !== 'create') return undefined;
  const create = creatable(registry, lookup.type, by ?? lookup.by[0]!);
  if (!create) {
    const remedy = 'Leave such rows out, or the field empty.';
    return [`${lookup.type} cannot be created from a name alone.`, remedy];
  }
  if (scopeOf(ctx.grants, create)) return undefined;
  return [`Your role does not allow ${create}.`, 'Choose error or empty instead of create.'];
}

/** The permission to create a record of which one field is known; undefined if that is too little. */
export function creatable(registry: Registry, type: string, by: string): string | undefined {
  const target = importTarget(registry, type);
  if (!target) return undefined;
  const { create, adjustment } = target;
  const known = { ...adjustment.defaults, ...valuesNamed(by, 'x') };
  const needed = (create.input as { required?: readonly string[] }).required ?? [];
  const isField = Object.keys(valuesNamed(by, 'x')).every((one) => one in create.input.properties);
  return isField && needed.every((one) => one in known) ? create.permission : undefined;
}

import type { RequestContext } from '#kernel/context';
import { MatchLookup } from '#platform/projections/match-lookup';
import type { Row } from './columns.js';
import { liveDefault } from './defaults.js';
import { RecordFinder } from './finder.js';
import { stageLike, stepsOf } from './follow-ups.js';
import type { ImportParts } from './import-parts.js';
import { Lookup, type Finder, type Load, type Step, type Values } from './load.js';
import { keyName } from './known-records.js';
import { creatable, type CheckedMapping, type MappedColumn } from './mapping.js';
import { namesOf } from './names.js';
import { BadRow } from './problems.js';
import { shown } from './reading/index.js';

export interface TypeLoadOptions {
  readonly parts: ImportParts;
  readonly ctx: RequestContext;
  readonly title: string;
  readonly file: string;
  /** Whether a row of the file has this text in the column of that field; dry runs only. */
  readonly comes?: (field: string, text: string) => boolean;
}

/** A load of records of one type, made from a mapping. */
export async function typeLoad(mapping: CheckedMapping, options: TypeLoadOptions): Promise<Load> {
  const { target, columns, key } = mapping;
  const { parts, ctx } = options;
  const matching = new MatchLookup(parts.platform.database);
  const defaults = await liveDefault(parts.platform, ctx, target);
  const isSelf = ({ field }: MappedColumn) => field.lookup?.type === target.type;
  const finders = findersOf(mapping, options, matching);
  const now = columns.filter((column) => !isSelf(column));
  const self = columns.filter(isSelf);
  const byField = new Map(columns.map((column) => [column.field.name, column]));
  const created = byField.get('createdAt');
  const keyColumn = byField.get(key[0] ?? '')?.name;
  const stage = stageLike(target, byField);
  const takes = (command: string, field: string) =>
    field in parts.platform.registry.command(command).input.properties;
  const steps = stepsOf(target, byField, stage, takes);
  const values = (row: Row) => valuesOf(row, now, 'values', finders);
  const initial = (row: Row): Values => ({
    ...defaults,
    ...valuesOf(row, now, 'initial', finders),
    ...atCreation(row, target, now),
    ...stage?.initial(row),
  });
  return {
    title: options.title,
    file: options.file,
    record: target.record,
    columns: Object.fromEntries(columns.map(({ name, column }) => [name, column])),
    key: (row) => (key.length === 0 ? null : keyText(row, key, byField)),
    ...(keyColumn === undefined ? {} : { keyColumn }),
    columnOf: columnNames(byField),
    ...(key.length > 0 ? { existing: existingFinder(mapping, options, matching, byField) } : {}),
    values,
    initial,
    ...(created ? { on: (row: Row) => row[created.name] as string | null } : {}),
    ...(self.length > 0 ? { later: (row: Row) => valuesOf(row, self, 'values', finders) } : {}),
    ...(steps ? { steps: (row: Row): readonly Step[] => steps(row) } : {}),
  };
}

type Columns = ReadonlyMap<string, MappedColumn>;

/** Where the value of a field comes from, also for the fields one column fills. */
function columnNames(byField: Columns): (field: string) => string | undefined {
  const related = [...byField.values()].find(({ field }) => field.place.to === 'related');
  return (field) => {
    const named = /^(first|last)Name$/.test(field) ? byField.get('fullName') : undefined;
    const inner = /^(\w+)[.[]/.exec(field)?.[1];
    const found =
      byField.get(field) ??
      named ??
      (field.startsWith('relatedTo') ? related : undefined) ??
      (inner === undefined ? undefined : byField.get(inner));
    return found?.name;
  };
}

function keyText(row: Row, key: readonly string[], byField: Columns): string {
  const parts = key.map((field) => {
    const { name } = byField.get(field)!;
    const value = row[name];
    if (value !== null && value !== undefined) return value;
    const message = 'is empty, but records are recognised by it';
    const remedy = 'Fill it in, or choose another key.';
    throw new BadRow({ rule: 'key', message, remedy }, name, '');
  });
  return keyName(key, parts);
}

/** The fields a part of the load sets, look-ups as such. */
function valuesOf(
  row: Row,
  columns: readonly MappedColumn[],
  to: 'values' | 'initial',
  finders: ReadonlyMap<string, Finder>,
): Values {
  const values: Record<string, unknown> = {};
  for (const { name, field } of columns) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    const { place, lookup } = field;
    if (place.to === 'names' && to === 'values') Object.assign(values, namesOf(String(value)));
    if (place.to !== to) continue;
    const [first, part] = place.path;
    if (lookup) values[first] = new Lookup(finders.get(name)!, String(value), name);
    else if (part === undefined) values[first] = value;
    else values[first] = { ...(values[first] as Values | undefined), [part]: value };
  }
  return { ...values, ...relatedOf(row, columns, to, finders) };
}

/** What a record is about: of the columns that may say so, one has a value. */
function relatedOf(
  row: Row,
  columns: readonly MappedColumn[],
  to: 'values' | 'initial',
  finders: ReadonlyMap<string, Finder>,
): Values {
  const [first, second] = columns.flatMap(({ name, field: { place } }) =>
    place.to === 'related' && place.part === to && (row[name] ?? null) !== null
      ? [{ name, text: String(row[name]), record: place.record }]
      : [],
  );
  if (!first) return {};
  if (second) {
    const message = `says what the record is about, and so does ${first.name}`;
    const fault = { rule: 'related', message, remedy: 'Keep one of them.' };
    throw new BadRow(fault, second.name, shown(second.text));
  }
  const relatedToId = new Lookup(finders.get(first.name)!, first.text, first.name);
  return { relatedToType: first.record, relatedToId };
}

/** Follow-up fields the create command takes as well. */
function atCreation(
  row: Row,
  { create, adjustment }: CheckedMapping['target'],
  columns: readonly MappedColumn[],
): Values {
  const values: Record<string, unknown> = {};
  for (const { name, field } of columns) {
    if (field.place.to !== 'follow-up' || field.lookup) continue;
    const follow = adjustment.followUps?.find((one) => one.field === field.name);
    const value = row[name];
    if (follow && field.name in create.input.properties && value !== null) {
      values[field.name] = value;
    }
  }
  return values;
}

/** A finder for each column that names records. */
function findersOf(
  { target, columns }: CheckedMapping,
  { parts, ctx, comes }: TypeLoadOptions,
  matching: MatchLookup,
): ReadonlyMap<string, Finder> {
  const { platform } = parts;
  const { registry } = platform;
  const finders = new Map<string, Finder>();
  for (const { name, field, given } of columns) {
    const model = field.lookup && registry.readModels.get(field.lookup.type);
    if (!field.lookup || !model) continue;
    const { type, by } = field.lookup;
    const missing = given.missing ?? 'error';
    const make = async (text: string, found: string) => {
      const made = creatable(registry, type, found);
      if (!made) throw new Error(`${type} cannot be created by ${found}`);
      return parts.createNamed(type, found, text);
    };
    const finder = new RecordFinder({
      platform,
      ctx,
      matching,
      model,
      by,
      only: given.by ?? undefined,
      missing,
      ...(missing === 'create' ? { create: make, forgets: parts.dryRun } : {}),
      ...(comes && type === target.type
        ? { comes: (text: string, found: string) => comes(found, text) }
        : {}),
    });
    finders.set(name, finder);
  }
  return finders;
}

/** Records with the same key that no import has made. */
function existingFinder(
  { target, key }: CheckedMapping,
  { ctx }: TypeLoadOptions,
  matching: MatchLookup,
  byField: Columns,
): NonNullable<Load['existing']> {
  const searched = key.every((field) => target.model.columns[field] && isCompared(target, field));
  return (rows) =>
    Promise.all(
      rows.map(async (row) => {
        if (!searched) return [];
        const where = key.map((field) => [field, String(row[byField.get(field)!.name])]);
        const found = await matching.matches(ctx.tenantId, target.model, Object.fromEntries(where));
        return found.map(({ id }) => id).slice(0, 2);
      }),
    );
}

const COMPARED = ['text', 'bigint', 'date', 'timestamptz', 'boolean'];

function isCompared({ model }: CheckedMapping['target'], field: string): boolean {
  return COMPARED.includes(model.columns[field]!.kind);
}

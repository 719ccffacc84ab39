import { formats } from './formats.js';
import { common, ownWords, special } from './synonyms.js';
import type { ColumnSample, FieldKind, Guess, TargetField } from './types.js';

/** A heading or name without case, accents, blanks and marks. */
function bare(name: string): string {
  return name
    .replace(/ß/g, 'ss')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\d%]+/gu, '');
}

/** Types are named as in addresses, `companies`, or as one record, `company`. */
function recordOf(type: string): string {
  const singular = type.replace(/ies$/, 'y').replace(/s$/, '');
  return type in special ? type : singular;
}

/** The field's name as synonyms have it: a reference without its `Id`. */
const keyOf = ({ name }: TargetField) => name.replace(/Id$/, '');

/** Kinds whose values are known by their shape alone. */
const SHAPES = ['email', 'url', 'phone'] as const satisfies readonly FieldKind[];

/**
 * The field each column is likely meant for: by the field's own names, then by the usual headings
 * of other systems in English and German, then by the shape of the values. A field is given to
 * one column at most.
 */
export function guessMapping(
  headings: readonly string[],
  samples: readonly ColumnSample[],
  fields: readonly TargetField[],
  type: string,
): Record<string, Guess> {
  const record = recordOf(type);
  const found = new Map<string, TargetField>();
  const free = new Set(fields);
  const take = (heading: string, field: TargetField | undefined) => {
    if (!field || !free.delete(field)) return;
    found.set(heading, field);
  };
  const bySample = new Map(samples.map((sample) => [sample.name, sample]));
  for (const match of matchers(record, fields)) {
    for (const heading of headings) {
      if (found.has(heading)) continue;
      const candidates = match(heading).filter((field) => free.has(field));
      take(
        heading,
        candidates.find((field) => suits(field, bySample.get(heading))),
      );
    }
  }
  for (const kind of SHAPES) {
    for (const heading of headings) {
      const first = bySample.get(heading)?.formats.find((name) => name !== 'Excel serial');
      if (found.has(heading) || first !== kind) continue;
      take(
        heading,
        [...free].find((field) => field.kind === kind),
      );
    }
  }
  const guesses = Object.create(null) as Record<string, Guess>;
  for (const heading of headings) {
    const field = found.get(heading);
    guesses[heading] = {
      field: field?.name ?? null,
      format: field ? formatFor(field.kind, bySample.get(heading)) : null,
    };
  }
  return guesses;
}

type Match = (heading: string) => readonly TargetField[];

/** The ways to find a field for a heading, the surest first. */
function matchers(record: string, fields: readonly TargetField[]): readonly Match[] {
  const named = index(fields, (field) => [field.name, keyOf(field), field.title]);
  const own = index(fields, (field) => special[record]?.[keyOf(field)] ?? []);
  const usual = index(fields, (field) => common[keyOf(field)] ?? []);
  const words = (ownWords[record] ?? []).map(bare);
  const shortened = (heading: string) => {
    const name = bare(heading);
    const word = words.find((start) => name.startsWith(start) && name.length > start.length);
    return word === undefined ? undefined : name.slice(word.length);
  };
  const whole = [named, own, usual];
  return [
    ...whole.map(
      (by): Match =>
        (heading) =>
          by.get(bare(heading)) ?? [],
    ),
    ...whole.map(
      (by): Match =>
        (heading) =>
          by.get(shortened(heading) ?? '') ?? [],
    ),
  ];
}

function index(
  fields: readonly TargetField[],
  namesOf: (field: TargetField) => readonly string[],
): ReadonlyMap<string, readonly TargetField[]> {
  const map = new Map<string, TargetField[]>();
  for (const field of fields) {
    for (const name of new Set(namesOf(field).map(bare))) {
      map.set(name, [...(map.get(name) ?? []), field]);
    }
  }
  return map;
}

/** A column of plain words is no date or number, whatever its heading says. */
function suits({ kind }: TargetField, sample: ColumnSample | undefined): boolean {
  if (!sample || sample.filled === 0) return true;
  if (!['number', 'money', 'date', 'instant'].includes(kind)) return true;
  return sample.formats.length > 0 || sample.samples.some((value) => /\d/.test(value));
}

function formatFor(kind: FieldKind, sample: ColumnSample | undefined): string | null {
  return sample?.formats.find((name) => formats[name]!.kinds.includes(kind)) ?? null;
}

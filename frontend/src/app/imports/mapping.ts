import { formatsOf } from './formats';
import type { Dialect, FileColumn, ImportField, ImportFile } from './import-file';

export type Missing = 'error' | 'create' | 'empty';

/** What becomes of one column; without a field it is left out. */
export interface ColumnChoice {
  readonly field: string | null;
  readonly format: string | null;
  /** Values of the file → values of the field. */
  readonly aliases: Readonly<Record<string, string>>;
  /** The field a record is found by. */
  readonly by: string | null;
  readonly missing: Missing;
}

/** Everything a person decides about a file. */
export interface Draft {
  readonly columns: Readonly<Record<string, ColumnChoice>>;
  /** Fields that say which record a row means; none: every row is a new one. */
  readonly key: readonly string[];
  readonly dialect: Dialect;
  readonly currency: string;
}

/** What stands in the way of an import, or is worth knowing before it. */
export interface MappingProblem {
  /** The column it belongs to; none where the file as a whole is meant. */
  readonly column?: string;
  readonly text: string;
  readonly isWarning?: true;
}

/** The body of `POST /:type/import`. */
export interface ImportRequest {
  readonly fileId: string;
  readonly mapping: Readonly<Record<string, object | null>>;
  readonly key: readonly string[];
  readonly dialect: Dialect;
  readonly currency: string;
  readonly dryRun: boolean;
}

const nothing: ColumnChoice = {
  field: null,
  format: null,
  aliases: {},
  by: null,
  missing: 'error',
};

export function fieldNamed(file: ImportFile, name: string | null): ImportField | undefined {
  return file.fields.find((field) => field.name === name);
}

/** Formats of a column that suit a field: those that fit its values, or else all there are. */
export function formatsFor(column: FileColumn, field: ImportField): readonly string[] {
  const all = formatsOf(field.kind);
  const fitting = column.formats.filter((name) => all.includes(name));
  return fitting.length > 0 ? fitting : all;
}

/** The choice for a column once it is meant for a field. */
export function choose(file: ImportFile, column: FileColumn, name: string | null): ColumnChoice {
  const field = fieldNamed(file, name);
  if (!field) return nothing;
  const format = field.name === column.guess.field ? column.guess.format : null;
  const [likeliest = null] = column.formats.filter((one) => formatsOf(field.kind).includes(one));
  return {
    ...nothing,
    field: field.name,
    format: format ?? likeliest,
    by: field.lookup?.by[0] ?? null,
  };
}

/** The draft as the file suggests it; of two columns for one field the first has it. */
export function draftOf(file: ImportFile, currency: string): Draft {
  const taken = new Set<string>();
  const columns = file.columns.map((column): [string, ColumnChoice] => {
    const { field } = column.guess;
    const isFree = field !== null && !taken.has(field);
    if (isFree) taken.add(field);
    return [column.name, choose(file, column, isFree ? field : null)];
  });
  const key = file.keyGuess.filter((field) => taken.has(field));
  return { columns: Object.fromEntries(columns), key, dialect: file.dialect, currency };
}

/** A kept draft on the file as it is read now: what no longer fits falls back to the guess. */
export function adopt(file: ImportFile, kept: Draft): Draft {
  const fresh = draftOf(file, kept.currency);
  const columns = file.columns.map(({ name }): [string, ColumnChoice] => {
    const old = kept.columns[name];
    const fits = old && (old.field === null || fieldNamed(file, old.field));
    return [name, fits ? old : fresh.columns[name]!];
  });
  const draft = { ...fresh, columns: Object.fromEntries(columns) };
  return { ...draft, key: kept.key.filter((field) => mappedFields(draft).has(field)) };
}

/** The fields that have a column. */
export function mappedFields(draft: Pick<Draft, 'columns'>): ReadonlySet<string> {
  return new Set(Object.values(draft.columns).flatMap(({ field }) => field ?? []));
}

/** Values of a column that are none of a field's choices and have no alias yet. */
export function unknownValues(
  column: FileColumn,
  field: ImportField,
  choice: ColumnChoice,
): readonly string[] {
  if (field.kind !== 'choice') return [];
  const known = new Set(
    (field.choices ?? []).flatMap(({ value, title }) => [alike(value), alike(title)]),
  );
  return column.samples.filter(
    (sample) => !known.has(alike(sample)) && !Object.hasOwn(choice.aliases, sample),
  );
}

const alike = (text: string) => text.toLowerCase().replaceAll(/[\s_\-–—]+/g, '');

/** What is wrong with a draft, and what is worth knowing; only what is wrong stops the import. */
export function problemsOf(file: ImportFile, draft: Draft): readonly MappingProblem[] {
  const problems: MappingProblem[] = [];
  const mapped = mappedFields(draft);
  if (mapped.size === 0) problems.push({ text: 'Choose a field for at least one column.' });
  for (const column of file.columns) {
    const choice = draft.columns[column.name] ?? nothing;
    const field = fieldNamed(file, choice.field);
    if (!field) continue;
    problems.push(...ofColumn(file, draft, column, field, choice));
  }
  const missing = file.fields.filter(({ name, required }) => required && !mapped.has(name));
  if (missing.length > 0 && mapped.size > 0) problems.push(ofRequired(missing, draft));
  for (const name of draft.key) {
    if (mapped.has(name)) continue;
    const title = fieldNamed(file, name)?.title ?? name;
    problems.push({ text: `Records are told apart by ${title}, but no column holds it.` });
  }
  return problems;
}

function ofColumn(
  file: ImportFile,
  draft: Draft,
  column: FileColumn,
  field: ImportField,
  choice: ColumnChoice,
): readonly MappingProblem[] {
  const problems: MappingProblem[] = [];
  const { name } = column;
  const others = file.columns.filter(
    (other) => other.name !== name && draft.columns[other.name]?.field === field.name,
  );
  if (others.length > 0) {
    const names = others.map((other) => `“${other.name}”`).join(', ');
    problems.push({ column: name, text: `${field.title} is also filled by ${names}. Keep one.` });
  }
  const formats = formatsOf(field.kind);
  const hasFit = column.formats.some((format) => formats.includes(format));
  if (formats.length > 0 && !hasFit && column.filled > 0) {
    const text = `Some values fit no way of writing ${nounOf(field)}; those rows will be rejected.`;
    problems.push({ column: name, text, isWarning: true });
  }
  const unknown = unknownValues(column, field, choice);
  if (unknown.length > 0) {
    const values = unknown.map((value) => `“${value}”`).join(', ');
    const text = `${field.title} does not know ${values}. Say what is meant, or those rows are rejected.`;
    problems.push({ column: name, text, isWarning: true });
  }
  return problems;
}

const nouns: Partial<Record<ImportField['kind'], string>> = {
  number: 'a number',
  money: 'an amount',
  date: 'a day',
  instant: 'a moment',
  boolean: 'yes and no',
};
const nounOf = ({ kind }: ImportField) => nouns[kind] ?? 'it';

function ofRequired(missing: readonly ImportField[], { key }: Draft): MappingProblem {
  const titles = missing.map(({ title }) => title).join(', ');
  const one = missing.length === 1;
  const needed = `${titles} ${one ? 'is' : 'are'} required, but no column holds ${one ? 'it' : 'them'}.`;
  if (key.length === 0) return { text: needed };
  // Records that are there already keep what they have.
  return { text: `${needed} Rows for new records will be rejected.`, isWarning: true };
}

/** The request a draft stands for. */
export function requestOf(file: ImportFile, draft: Draft, dryRun: boolean): ImportRequest {
  const mapping = file.columns.map(({ name }): [string, object | null] => {
    const choice = draft.columns[name] ?? nothing;
    const field = fieldNamed(file, choice.field);
    if (!field) return [name, null];
    const { format, aliases, by, missing } = choice;
    return [
      name,
      {
        field: field.name,
        ...(format && formatsOf(field.kind).includes(format) ? { format } : {}),
        ...(Object.keys(aliases).length > 0 ? { aliases } : {}),
        ...(field.lookup ? { ...(by ? { by } : {}), missing } : {}),
      },
    ];
  });
  const { key, dialect, currency } = draft;
  return { fileId: file.id, mapping: Object.fromEntries(mapping), key, dialect, currency, dryRun };
}

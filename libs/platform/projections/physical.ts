import { flag, instant, integer, nullable, tags, text, uuid, type TSchema } from '#kernel/fields';
import { columnKind, type Column, type ColumnKind, type ReadModel } from '#kernel/read-model';

/** A column as PostgreSQL has it. */
export interface PhysicalColumn {
  readonly name: string;
  readonly type: string;
  /** Path into the API row: `['amount', 'amountMinor']`. */
  readonly path: readonly string[];
  readonly kind: ColumnKind;
}

const standard = (
  schema: TSchema,
  description: string,
  use: Partial<Pick<Column, 'filter' | 'sort'>> = { filter: true, sort: false },
): Column => ({
  kind: columnKind(schema),
  schema,
  filter: false,
  sort: false,
  search: false,
  description,
  ...use,
});
const sorted = { filter: true, sort: true };
const actor = nullable(text(100));

/** Columns every record has, whatever it declares. */
export const standardColumns: Readonly<Record<string, Column>> = {
  id: standard(uuid(), 'Id of the record.', sorted),
  ownerId: {
    ...standard(nullable(uuid()), 'User who owns the record.'),
    references: 'users',
  },
  tags: standard(tags(), 'Labels of the record.'),
  revision: standard(integer(0, Number.MAX_SAFE_INTEGER), 'Number of events of the record.'),
  createdAt: standard(instant(), 'When the record came into being.', sorted),
  createdBy: standard(actor, 'Who created it: a user id or the name of a process.'),
  updatedAt: standard(instant(), 'When it last changed.', sorted),
  updatedBy: standard(actor, 'Who changed it last.'),
  archivedAt: standard(nullable(instant()), 'When it was archived.'),
  deletedAt: standard(nullable(instant()), 'When it was deleted.'),
};
export const historic = standard(flag(), 'Whether the row is a past version.');

const TYPES: Readonly<Record<ColumnKind, string>> = {
  text: 'text COLLATE "und-x-icu"',
  bigint: 'bigint',
  boolean: 'boolean',
  date: 'date',
  timestamptz: 'timestamptz',
  uuid: 'uuid',
  money: 'bigint',
  tags: 'text[]',
  json: 'jsonb',
};

export function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function tableOf(model: Pick<ReadModel, 'name'>): string {
  return `rm_${snake(model.name)}`;
}
export function historyOf(model: Pick<ReadModel, 'name'>): string {
  return `${tableOf(model)}_history`;
}

/** The three tables a read model is written to. */
export interface ModelTables {
  readonly live: string;
  readonly history: string;
  /** The model's partition of the timeline. */
  readonly timeline: string;
}

/** The served tables, or with a suffix those that are filled beside them. */
export function tablesOf(model: Pick<ReadModel, 'name'>, suffix = ''): ModelTables {
  return {
    live: `${tableOf(model)}${suffix}`,
    history: `${historyOf(model)}${suffix}`,
    timeline: `${tableOf(model)}_timeline${suffix}`,
  };
}

/** Declared and standard columns of a model, in one table. */
export function allColumns(model: ReadModel): Readonly<Record<string, Column>> {
  return { ...standardColumns, ...model.columns };
}

function physicalOf(name: string, column: Column): PhysicalColumn[] {
  const { kind } = column;
  if (kind !== 'money') return [{ name: snake(name), type: TYPES[kind], path: [name], kind }];
  return [
    { name: `${snake(name)}_minor`, type: 'bigint', path: [name, 'amountMinor'], kind },
    { name: `${snake(name)}_currency`, type: 'text COLLATE "C"', path: [name, 'currency'], kind },
  ];
}

/** Every physical column of a model beside `tenant_id` and `search_text`. */
export function physicalColumns(model: ReadModel): readonly PhysicalColumn[] {
  return Object.entries(allColumns(model)).flatMap(([name, column]) => physicalOf(name, column));
}

/** The physical column a filter or sort on an API field works on; money compares minor units. */
export function comparedColumn(model: ReadModel, name: string): PhysicalColumn {
  return physicalOf(name, allColumns(model)[name]!)[0]!;
}

/** Lower case without accents, as search compares text. */
export function searchable(value: string): string {
  // Most text has nothing to take away.
  if (PLAIN.test(value)) return value.toLowerCase();
  return value.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
const PLAIN = /^[ -~]*$/;

type Row = Readonly<Record<string, unknown>>;

/** What a column holds of a row; null where the row says nothing. */
export function valueAt(row: Row, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Row | null | undefined)?.[key], row) ?? null;
}

/** The words of a model's rows that search looks through. */
export function searchTextOf(model: ReadModel): (row: Row) => string {
  const names = Object.keys(model.columns).filter((name) => model.columns[name]!.search);
  return (row) => {
    const words = names.map((name) => row[name]).filter((value) => typeof value === 'string');
    return searchable(words.join(' '));
  };
}

function fromColumn(kind: ColumnKind, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return kind === 'bigint' ? Number(value) : value;
}

/** A database row as the API shows it. */
export function fromRecord(columns: readonly PhysicalColumn[], record: Row): Row {
  const row: Record<string, unknown> = {};
  for (const { name, path, kind } of columns) {
    const value = fromColumn(kind, record[name]);
    if (path.length === 1) row[path[0]!] = value;
    else if (value === null) row[path[0]!] ??= null;
    else row[path[0]!] = { ...(row[path[0]!] as Row | null), [path[1]!]: String(value) };
  }
  return row;
}

import { binaryArray, type ElementName } from '../event-store/arrays.js';
import type { Queryable } from '../postgres/database.js';

/** A column of a table, and where its value comes from. */
export interface WrittenColumn<Source> {
  readonly name: string;
  /** As the table declares it: `text COLLATE "C"`, `timestamptz`. */
  readonly type: string;
  readonly value: (source: Source) => unknown;
}

type Elements = readonly (string | number | boolean | null)[];

/** The values of one column as PostgreSQL takes them. */
interface Sent {
  readonly element: ElementName;
  readonly values: Elements;
  /** Where the element is not the column's type. */
  readonly cast?: string;
}

const ELEMENTS: Readonly<Record<string, ElementName>> = {
  bigint: 'int8',
  smallint: 'int2',
  boolean: 'bool',
  uuid: 'uuid',
};
const SQL_NAMES: Partial<Record<ElementName, string>> = { int8: 'bigint', int2: 'smallint' };
const DAY = 86_400_000;
const PLAIN_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/;
const PLAIN_DAY = /^\d{4}-\d\d-\d\d$/;

/** Milliseconds of an ISO text; undefined where JavaScript would make another day of it. */
function parsed(text: string, suffix: string): number | undefined {
  const milliseconds = Date.parse(text + suffix);
  if (Number.isNaN(milliseconds) || text < '0001') return undefined;
  const sure = text.slice(8, 10) <= '28';
  const same = sure || new Date(milliseconds).toISOString().startsWith(text.slice(0, 10));
  return same ? milliseconds : undefined;
}

/** Milliseconds of an instant; undefined for a notation that only PostgreSQL reads. */
function instant(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime();
  if (value === 'infinity') return Infinity;
  return typeof value === 'string' && PLAIN_INSTANT.test(value) ? parsed(value, '') : undefined;
}

/** Days of a calendar day; undefined for one that only PostgreSQL reads, or refuses. */
function day(value: unknown): number | undefined {
  const plain = typeof value === 'string' && PLAIN_DAY.test(value);
  const milliseconds = plain ? parsed(value, 'T00:00:00Z') : undefined;
  return milliseconds === undefined ? undefined : milliseconds / DAY;
}

/** All values by `read`, or undefined as soon as one cannot be read. */
function all(values: readonly unknown[], read: (value: unknown) => number | undefined) {
  const found: (number | null)[] = [];
  for (const value of values) {
    const one = value === null ? null : read(value);
    if (one === undefined) return undefined;
    found.push(one);
  }
  return found;
}

const quoted = (word: string) => `"${word.replaceAll(/["\\]/g, '\\$&')}"`;
const each = <T>(values: readonly unknown[], of: (value: T) => string | number) =>
  values.map((value) => (value === null ? null : of(value as T)));

function sent(type: string, values: readonly unknown[]): Sent {
  if (type === 'jsonb') return { element: 'jsonb', values: each(values, JSON.stringify) };
  // Arrays of arrays must all be of one length, so each goes as text.
  if (type === 'text[]') {
    const text = each<string[]>(values, (words) => `{${words.map(quoted).join(',')}}`);
    return { element: 'text', values: text, cast: 'text[]' };
  }
  if (type === 'timestamptz' || type === 'date') {
    const read = all(values, type === 'date' ? day : instant);
    return read
      ? { element: type, values: read }
      : { element: 'text', values: each<Date | string>(values, textOf), cast: type };
  }
  return { element: ELEMENTS[type] ?? 'text', values: values as Elements };
}

/** A value that does not fit its column is refused as the database would. */
function encoded(element: ElementName, values: Elements): Buffer {
  try {
    return binaryArray(element, values);
  } catch (error) {
    throw Object.assign(new TypeError((error as Error).message), { code: '22P02' });
  }
}

const textOf = (value: Date | string) => (value instanceof Date ? value.toISOString() : value);

/**
 * Inserts many rows by one statement, as arrays in PostgreSQL's binary format: a third to a half
 * of what the same rows cost as JSON.
 */
export class RowWriter<Source> {
  constructor(
    private readonly table: string,
    private readonly columns: readonly WrittenColumn<Source>[],
    /** `ON CONFLICT …` */
    private readonly otherwise = '',
  ) {}

  async write(query: Queryable, sources: readonly Source[]): Promise<void> {
    if (sources.length === 0) return;
    const parts = this.columns.map(({ type, value }) => sent(type, sources.map(value)));
    const names = this.columns.map(({ name }) => name).join(', ');
    const fields = parts.map((_, n) => `c${n}`);
    const selected = parts.map(({ cast }, n) => (cast ? `c${n}::${cast}` : `c${n}`));
    const arrays = parts.map(({ element }, n) => `$${n + 1}::${SQL_NAMES[element] ?? element}[]`);
    await query.query(
      `INSERT INTO ${this.table} (${names}) SELECT ${selected.join(', ')}
         FROM unnest(${arrays.join(', ')}) AS r(${fields.join(', ')}) ${this.otherwise}`,
      parts.map(({ element, values }) => encoded(element, values)),
    );
  }
}

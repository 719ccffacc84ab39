import type { Columns, Row } from './columns.js';
import type { Fault } from './problems.js';

export type { Row };

/** Another record, by the key it was loaded under; becomes its id. */
export class Reference {
  constructor(
    readonly record: string,
    readonly key: string,
    /** Column that names it, for the error when it does not exist. */
    readonly column?: string,
    /** Takes something else than the id from the record's state. */
    readonly pick?: (state: never) => unknown,
  ) {}
}

/** Finds records people name by what they are called; looks many up at once. */
export interface Finder {
  /** Looks these up ahead, so that what follows need not wait for each. */
  prepare(texts: readonly string[]): Promise<void>;
  /** The id of the record; null leaves the field empty. */
  find(text: string): Promise<string | null | Fault>;
}

/** Another record, by what a person calls it; becomes its id. */
export class Lookup {
  constructor(
    readonly finder: Finder,
    readonly text: string,
    readonly column: string,
  ) {}
}

/** A value that follows from those of other fields once their references are ids. */
export class Derived {
  constructor(
    /** `own` is the state of the record as it is. */
    readonly of: (values: Values, seen: SeenRecord, own: unknown) => Promise<unknown>,
    readonly column: string,
    readonly text: string,
  ) {}
}

/** The folded state of a record, as the import or the log knows it. */
export type SeenRecord = (record: string, id: string) => Promise<unknown>;

/** Values of fields; references in them become ids, null leaves a field as it is. */
export type Values = Readonly<Record<string, unknown>>;

/** What happened to a record after it came into being. */
export interface Step {
  /** Unique among the steps of its record. */
  readonly name: string;
  readonly command: string;
  /** References in it become ids. */
  readonly input: Values;
  /** Further input, taken from the record. */
  readonly late?: (state: never) => Values;
  /** Day or instant it happened; now when left out. */
  readonly on?: string | null;
  /** Whether the record shows that it has happened. */
  done(state: never, input: Values): boolean;
}

/** One kind of record out of one file: a row is a record, created or brought up to date. */
export interface Load {
  /** `Companies`, for reports. */
  readonly title: string;
  /** Name in the folder; without one there is a single row of nothing. */
  readonly file?: string;
  readonly columns: Columns;
  /** Type of the records. */
  readonly record: string;
  /** What the record is recognised by, within its type; null: each row is a new record. */
  key(row: Row): string | null;
  /** The column that holds the key, or the first part of it, for errors. */
  readonly keyColumn?: string;
  /** The column a field comes from, for errors. */
  readonly columnOf?: (field: string) => string | undefined;
  /** Finds records that hold the key already, though no import made them. */
  readonly existing?: ExistingFinder;
  /** Several rows with one key are one record; otherwise the second one is an error. */
  readonly repeats?: boolean;
  /** A rule over several cells. */
  check?(row: Row): (Fault & { readonly column: string }) | undefined;
  /** Day or instant the record came into being; null: when it is loaded. */
  on?(row: Row): string | null;
  /** Fields, at creation and whenever the file says something else than the record. */
  values?(row: Row): Values;
  /** What is given at creation only. */
  initial?(row: Row): Values;
  /** Fields that refer to records of the same file: set once all of them exist. */
  later?(row: Row): Values;
  steps?(row: Row): readonly Step[];
}

/** Finds records by the fields of a key, many rows at once: the ids of each row, at most two. */
export type ExistingFinder = (rows: readonly Row[]) => Promise<readonly (readonly string[])[]>;

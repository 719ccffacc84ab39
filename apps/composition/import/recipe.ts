import type { Columns, RowOf } from './columns.js';
import type { Fault } from './problems.js';

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

/** The id of another record; null where there is no key. */
export function refer(record: string, key: string | null, column?: string): Reference | null {
  return key === null ? null : new Reference(record, key, column);
}

/** A part of another record, such as a stage of a pipeline. */
export function partOf<State>(
  record: string,
  key: string,
  pick: (state: State) => unknown,
): Reference {
  return new Reference(record, key, undefined, pick as (state: never) => unknown);
}

/** Values of fields; references in them become ids, null leaves a field as it is. */
export type Values = Readonly<Record<string, unknown>>;

/** What happened to a record after it came into being. */
export interface Step<State = never> {
  /** Unique among the steps of its record. */
  readonly name: string;
  readonly command: string;
  readonly input: Values | ((state: State) => Values);
  /** Day it happened on; now when left out. */
  readonly on?: string | null;
  /** Whether the record shows that it has happened. */
  done(state: State, input: Values): boolean;
}

/** One kind of record out of one file: a row is a record, created or brought up to date. */
export interface Load<C extends Columns = Columns> {
  /** `Companies`, for reports. */
  readonly title: string;
  /** Name in the folder; without one there is a single row of nothing. */
  readonly file?: string;
  readonly columns: C;
  /** Type of the records. */
  readonly record: string;
  /** What the record is recognised by, within its type. */
  key(row: RowOf<C>): string;
  /** Several rows with one key are one record; otherwise the second one is an error. */
  readonly repeats?: boolean;
  /** A rule over several cells. */
  check?(row: RowOf<C>): (Fault & { readonly column: string }) | undefined;
  /** Day the record came into being; null: when it is loaded. */
  on?(row: RowOf<C>): string | null;
  /** Fields, at creation and whenever the file says something else than the record. */
  values?(row: RowOf<C>): Values;
  /** What is given at creation only. */
  initial?(row: RowOf<C>): Values;
  /** Fields that refer to records of the same file: set once all of them exist. */
  later?(row: RowOf<C>): Values;
  steps?(row: RowOf<C>): readonly Step[];
}

/** A data set: its files, in the order in which they build on each other. */
export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly loads: readonly Load[];
}

/** Keeps the types of a load's columns while it is written down. */
export function load<C extends Columns>(options: Load<C>): Load {
  return options as unknown as Load;
}

export function step<State>(options: Step<State>): Step {
  return options as unknown as Step;
}

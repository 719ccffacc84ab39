import type { RowProblem } from '../problems.js';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
export type Delimiter = ',' | ';' | '\t' | '|';

/** How a file is written; its first row always names the columns. */
export interface Dialect {
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
  readonly header: true;
}

/** A row as the file has it, cells without the blanks around them. */
export interface SourceRow {
  readonly file: string;
  /** Line the row begins on, from 1. */
  readonly line: number;
  /** By heading; an object without a prototype. */
  readonly cells: Readonly<Record<string, string>>;
  /** How much of the file has been read, from 0 to 1. */
  readonly share: number;
}

export type Report = (problem: RowProblem) => void;

export interface ReadOptions {
  /** Columns without which nothing is read. */
  readonly columns?: readonly string[];
  /** Rows that begin on this line or before are passed over in silence: they are done already. */
  readonly afterLine?: number;
  /** The most characters of a cell; 1,000,000 when left out. */
  readonly maxCell?: number;
  /** Told the names of the columns before the first row. */
  readonly heading?: (names: readonly string[]) => void;
  /** How the file is called in problems; its own name when left out. */
  readonly name?: string;
}

/** What a column looks like in the first rows. */
export interface ColumnSample {
  readonly name: string;
  /** The first five different values, each cut to 200 characters. */
  readonly samples: readonly string[];
  /** Share of the sampled rows that have a value, from 0 to 1. */
  readonly filled: number;
  /** Names of the formats in which every sampled value can be read, the likeliest first. */
  readonly formats: readonly string[];
}

export type FieldKind =
  | 'text'
  | 'longText'
  | 'number'
  | 'money'
  | 'date'
  | 'instant'
  | 'boolean'
  | 'choice'
  | 'email'
  | 'phone'
  | 'url'
  | 'tags'
  | 'lookup';

/** One of the values a field may have, and how people call it. */
export interface Choice {
  readonly value: string;
  readonly title: string;
}

/** A field as far as reading its cells goes. */
export interface TargetField {
  readonly name: string;
  readonly title: string;
  readonly kind: FieldKind;
  readonly choices?: readonly Choice[];
}

/** What the cells of an import have in common. */
export interface ReadSettings {
  /** ISO 4217 code for amounts that do not name their own. */
  readonly currency: string;
  /** IANA zone in which days begin and clock times are meant. */
  readonly timeZone: string;
}

/** The field a column is likely meant for, and the format of its values; null where unknown. */
export interface Guess {
  readonly field: string | null;
  readonly format: string | null;
}

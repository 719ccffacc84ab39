export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
export type Delimiter = ',' | ';' | '\t' | '|';

/** How a file is written; its first row names the columns. */
export interface Dialect {
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
  readonly header: true;
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

export interface ImportField {
  readonly name: string;
  readonly title: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly choices?: readonly { readonly value: string; readonly title: string }[] | null;
  /** The records a value names, and the fields they can be found by. */
  readonly lookup?: { readonly type: string; readonly by: readonly string[] } | null;
}

export interface FileColumn {
  readonly name: string;
  /** The first different values, at most five. */
  readonly samples: readonly string[];
  /** Share of the sampled rows that have a value, from 0 to 1. */
  readonly filled: number;
  readonly guess: { readonly field: string | null; readonly format: string | null };
  /** Formats every sampled value can be read in, the likeliest first. */
  readonly formats: readonly string[];
}

/** A file that was uploaded, and what its first rows look like. */
export interface ImportFile {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly type: string;
  readonly dialect: Dialect;
  readonly rowsEstimate: number;
  readonly columns: readonly FileColumn[];
  readonly fields: readonly ImportField[];
  readonly keyGuess: readonly string[];
}

export const encodings: readonly { readonly value: Encoding; readonly label: string }[] = [
  { value: 'utf-8', label: 'UTF-8' },
  { value: 'windows-1252', label: 'Windows (Western)' },
  { value: 'utf-16le', label: 'UTF-16 (little endian)' },
  { value: 'utf-16be', label: 'UTF-16 (big endian)' },
];
export const delimiters: readonly { readonly value: Delimiter; readonly label: string }[] = [
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Vertical bar' },
];

/** `1.4 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** step;
  return `${value >= 10 || step === 0 ? Math.round(value) : Math.round(value * 10) / 10} ${units[step]}`;
}

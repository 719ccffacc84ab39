import type { Fault } from '../problems.js';
import type { FieldKind, ReadSettings } from './types.js';

/** How the text of a cell becomes a value; a fault says why it does not. */
export type Reader<Value = unknown> = (text: string) => Value | Fault;

/** A way in which values of some kinds are written. */
export interface Format {
  readonly kinds: readonly FieldKind[];
  /** A value written in it. */
  readonly example: string;
  readonly read: (text: string, kind: FieldKind, settings: ReadSettings) => unknown;
}

export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'rule' in value && 'remedy' in value;
}

const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
const SPREADSHEET_ERROR = /^#(N\/A|NAME\?|NULL!|NUM!|REF!|VALUE!|DIV\/0!|NV|BEZUG!|WERT!|ZAHL!)$/i;

/** A fault of a value that is to be a number, a day or the like; formulas are called by name. */
export function faultOf(text: string, rule: string, message: string, remedy: string): Fault {
  if (SPREADSHEET_ERROR.test(text)) {
    const mend = 'Mend the formula, then save as CSV again.';
    return { rule, message: 'is an error of the spreadsheet', remedy: mend };
  }
  if (FORMULA.test(text) && !/^[+-][\d.,]+$/.test(text)) {
    return { rule: 'formula', message: `looks like a formula and ${message}`, remedy };
  }
  return { rule, message, remedy };
}

/** Text as it was meant: an apostrophe that kept a spreadsheet from calculating goes. */
export function plainText(text: string): string {
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}

/** Text that a spreadsheet shows and does not calculate. */
export function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

import type { Fault } from '../problems.js';
import { dateFormats, serialFormat } from './dates.js';
import { faultOf, isFault, plainText, type Format, type Reader } from './format.js';
import { numberFormats } from './numbers.js';
import { shapeFormats, wordFormats } from './shapes.js';
import type { Choice, FieldKind, ReadSettings, TargetField } from './types.js';

export { isFault, type Format, type Reader } from './format.js';

/** All formats by name, the likelier ones first. */
export const formats: Readonly<Record<string, Format>> = {
  ...dateFormats,
  ...wordFormats,
  ...numberFormats,
  ...shapeFormats,
  ...serialFormat,
};

/** The most characters a value can have in any format; more would only cost time. */
const MOST = 2000;

/** A value in a format of its kind. */
export function readAs(
  { read }: Format,
  text: string,
  kind: FieldKind,
  settings: ReadSettings,
): unknown {
  const most = kind === 'url' ? MOST : 320;
  if (text.length <= most) return read(text, kind, settings);
  const message = `is longer than ${most} characters`;
  return { rule: 'length', message, remedy: 'Shorten it.' } satisfies Fault;
}

/** The formats a field of a kind can be read in, the one meant without a word first. */
export function formatsOf(kind: FieldKind): readonly string[] {
  return Object.keys(formats).filter((name) => formats[name]!.kinds.includes(kind));
}

/** What is read without a format being chosen: several ways where they cannot be confused. */
const usual: Partial<Record<FieldKind, readonly string[]>> = {
  number: ['1234.5'],
  money: ['1234.5'],
  date: ['YYYY-MM-DD', 'ISO instant'],
  instant: ['ISO instant', 'YYYY-MM-DD'],
  boolean: ['true/false', 'yes/no', 'ja/nein', 'wahr/falsch', '1/0'],
  email: ['email'],
  phone: ['phone'],
  url: ['url'],
};

/** Whether an empty cell has a meaning in a format; otherwise there is nothing to read in it. */
export const readsEmpty = (format: string | null | undefined) => format === 'x/empty';

/**
 * The reader of a field's cells: dates as `YYYY-MM-DD`, instants as RFC 3339 in UTC, money in
 * minor units, tags as a list, choices by value or title. Text stays text, whatever it begins
 * with. Throws a `RangeError` for a format that the kind of field does not have.
 */
export function readerOf(
  field: TargetField,
  format: string | null | undefined,
  settings: ReadSettings,
): Reader {
  const { kind } = field;
  if (kind === 'choice') return choiceReader(field.choices ?? []);
  if (kind === 'tags') return tagsOf;
  const names = format ? [format] : usual[kind];
  if (!names || (format && isText(kind))) return plainText;
  const readers = names.map((name) => {
    const found = Object.hasOwn(formats, name) ? formats[name]! : undefined;
    if (found?.kinds.includes(kind)) return found;
    throw new RangeError(`${field.name} cannot be read as ${name}.`);
  });
  return (text) => {
    let fault: unknown;
    for (const one of readers) {
      const value = readAs(one, text, kind, settings);
      if (!isFault(value)) return value;
      fault ??= value;
    }
    return fault as Fault;
  };
}

const isText = (kind: FieldKind) => kind === 'text' || kind === 'longText' || kind === 'lookup';
const likeness = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\-–—]+/g, '');

const MOST_SHOWN = 12;

/** A choice by its value or title, in upper or lower case, with blanks, dashes or underscores. */
function choiceReader(choices: readonly Choice[]): Reader<string> {
  const exact = new Set(choices.map(({ value }) => value));
  const alike = new Map<string, string>();
  for (const { value, title } of [...choices].reverse()) alike.set(likeness(title), value);
  for (const { value } of [...choices].reverse()) alike.set(likeness(value), value);
  const names = choices.slice(0, MOST_SHOWN).map(({ value }) => value);
  if (choices.length > MOST_SHOWN) names.push('…');
  const remedy = `Use ${names.join(', ')}.`;
  return (text) => {
    const given = plainText(text);
    if (exact.has(given)) return given;
    return (
      alike.get(likeness(given)) ?? faultOf(text, 'choice', 'is none of the known values', remedy)
    );
  };
}

/** Labels between semicolons or, where there are none, commas; each once. */
function tagsOf(text: string): readonly string[] {
  const labels = plainText(text).split(text.includes(';') ? ';' : ',');
  return [...new Set(labels.map((label) => plainText(label.trim())).filter(Boolean))];
}

import { dayText, numberText } from '../../ui/format';
import type { FieldKind } from './import-file';

interface Notation {
  readonly kinds: readonly FieldKind[];
  /** What the format means, for people. */
  readonly label: string;
  /** What a value means in this format; undefined where that needs no word or is none. */
  readonly read?: (text: string) => string | undefined;
}

const days: readonly FieldKind[] = ['date', 'instant'];
const numbers: readonly FieldKind[] = ['number', 'money'];

function day(pattern: RegExp, order: (parts: readonly string[]) => readonly string[]) {
  return (text: string) => {
    const found = pattern.exec(text.trim());
    if (!found) return undefined;
    const [year, month, date] = order(found.slice(1)).map((part) => part.padStart(2, '0'));
    const iso = `${year}-${month}-${date}`;
    const time = new Date(`${iso}T00:00:00Z`);
    const exists = !Number.isNaN(time.getTime()) && time.toISOString().startsWith(iso);
    return exists ? dayText(iso) : undefined;
  };
}
function number(group: string, point: string) {
  return (text: string) => {
    const digits = text.replaceAll(/[^\d.,'’ +-]/g, '').trim();
    const plain = [...digits].filter((one) => !group.includes(one) || one === point).join('');
    const value = Number(plain.replace(point, '.'));
    return digits === '' || Number.isNaN(value) ? undefined : numberText(value);
  };
}
const slashes = /^(\d{1,2})\/(\d{1,2})\/(\d{4})/;

const money = (label: string, read: Notation['read']): Notation => ({
  kinds: ['money'],
  label: `${label} with its currency`,
  ...(read ? { read } : {}),
});
const plain: Readonly<Record<string, Notation>> = {
  '1234.5': { kinds: numbers, label: '1234.5', read: number('', '.') },
  '1,234.5': { kinds: numbers, label: '1,234.5', read: number(',', '.') },
  '1.234,5': { kinds: numbers, label: '1.234,5', read: number('.', ',') },
  '1 234,5': { kinds: numbers, label: '1 234,5', read: number('  ', ',') },
  "1'234.5": { kinds: numbers, label: '1’234.5', read: number("'’", '.') },
};

/** The formats of the API, for people: what they are called and how they read a value. */
const notations: Readonly<Record<string, Notation>> = {
  'ISO instant': { kinds: days, label: 'Date and time with zone' },
  'YYYY-MM-DD': {
    kinds: days,
    label: 'Year-month-day',
    read: day(/^(\d{4})-(\d{1,2})-(\d{1,2})/, (parts) => parts),
  },
  'DD.MM.YYYY': {
    kinds: days,
    label: 'Day.month.year',
    read: day(/^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})/, ([d, m, y]) => [y!, m!, d!]),
  },
  'MM/DD/YYYY': {
    kinds: days,
    label: 'Month/day/year',
    read: day(slashes, ([m, d, y]) => [y!, m!, d!]),
  },
  'DD/MM/YYYY': {
    kinds: days,
    label: 'Day/month/year',
    read: day(slashes, ([d, m, y]) => [y!, m!, d!]),
  },
  'D MMM YYYY': { kinds: days, label: 'Day and name of the month' },
  YYYYMMDD: {
    kinds: days,
    label: 'Year, month, day without signs',
    read: day(/^(\d{4})(\d{2})(\d{2})(?!\d)/, (parts) => parts),
  },
  'Excel serial': { kinds: days, label: 'Day number of a spreadsheet' },
  ...plain,
  ...Object.fromEntries(
    Object.entries(plain).map(([name, { label, read }]) => [`${name} EUR`, money(label, read)]),
  ),
  '12.5%': { kinds: ['number'], label: 'Percent with a point' },
  '12,5%': { kinds: ['number'], label: 'Percent with a comma' },
  'true/false': { kinds: ['boolean'], label: 'true or false' },
  'yes/no': { kinds: ['boolean'], label: 'yes or no' },
  'ja/nein': { kinds: ['boolean'], label: 'ja or nein' },
  'wahr/falsch': { kinds: ['boolean'], label: 'wahr or falsch' },
  '1/0': { kinds: ['boolean'], label: '1 or 0' },
  'x/empty': { kinds: ['boolean'], label: 'x or empty' },
};

/** All formats a field of a kind can be read in. */
export function formatsOf(kind: FieldKind): readonly string[] {
  return Object.keys(notations).filter((name) => notations[name]!.kinds.includes(kind));
}

export const formatLabel = (name: string): string => notations[name]?.label ?? name;

/** What a value means in a format, in the words of the person's place. */
export function readingOf(format: string, text: string): string | undefined {
  return notations[format]?.read?.(text);
}

/** The first value two formats disagree about, and how the first of them reads it. */
export function tellingSample(
  samples: readonly string[],
  formats: readonly string[],
): string | undefined {
  return samples.find(
    (sample) => new Set(formats.map((format) => readingOf(format, sample))).size > 1,
  );
}

import { instantAt } from '#platform/projections/zone';
import type { Fault } from '../problems.js';
import { faultOf, type Format } from './format.js';
import type { FieldKind, ReadSettings } from './types.js';

/** A calendar day and a time of that day, as they are written. */
interface Written {
  readonly day: string;
  /** `HH:mm:ss` with up to three decimals; undefined for a day alone. */
  readonly time?: string;
}

const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s*([ap])\.?m\.?)?$/i;

const two = (value: string | number) => String(value).padStart(2, '0');

/** A day there is, as `YYYY-MM-DD`; years as the database can hold them. */
function dayOf(year: string, month: string | number, date: string): string | undefined {
  const day = `${year}-${two(month)}-${two(date)}`;
  const time = Date.parse(`${day}T00:00:00Z`);
  const inRange = year.length === 4 && year > '0001' && year < '9999';
  return inRange && !Number.isNaN(time) && new Date(time).toJSON().startsWith(day)
    ? day
    : undefined;
}

function timeOf(text: string): string | undefined {
  const [, hour, minute, second = '0', fraction = '', half] = TIME.exec(text) ?? [];
  if (hour === undefined || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (half === undefined) {
    if (Number(hour) > 23) return undefined;
  } else if (Number(hour) < 1 || Number(hour) > 12) return undefined;
  const of24 = half === undefined ? Number(hour) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
  return `${two(of24)}:${minute}:${two(second)}.${fraction.slice(0, 3).padEnd(3, '0')}`;
}

/** Months as English and German exports write them, by their first letters. */
const MONTHS = [
  /^jan(uary|uar)?$|^jän(ner)?$/,
  /^feb(ruary|ruar|er)?$/,
  /^mar(ch)?$|^märz?$|^mrz$/,
  /^apr(il)?$/,
  /^ma[yi]$/,
  /^june?$|^juni$/,
  /^july?$|^juli$/,
  /^aug(ust)?$/,
  /^sept?(ember)?$/,
  /^o[ck]t(ober)?$/,
  /^nov(ember)?$/,
  /^de[cz](ember)?$/,
];

function monthOf(name: string): number {
  return MONTHS.findIndex((month) => month.test(name.toLowerCase())) + 1;
}

const SERIAL_NAME = 'Excel serial';
const SERIAL = /^(\d{1,7})(?:[.,](\d{1,10}))?$/;
const DAY = 86_400_000;
/** Day 0 of the count, as if 1900 had a leap day, which the count takes for granted. */
const FIRST = Date.UTC(1899, 11, 30);

function serialOf(text: string): Written | undefined {
  const [, days, fraction = ''] = SERIAL.exec(text) ?? [];
  if (days === undefined || Number(days) < 61 || Number(days) > 2_958_465) return undefined;
  const seconds = Math.round(Number(`0.${fraction || '0'}`) * 86_400);
  const moment = new Date(FIRST + Number(days) * DAY + seconds * 1000).toJSON();
  return { day: moment.slice(0, 10), ...(fraction ? { time: moment.slice(11, 23) } : {}) };
}

type Order = (parts: readonly string[]) => string | undefined;

/** Reads a day in its own order and, behind it, a time. */
function withTime(pattern: RegExp, order: Order) {
  return (text: string): Written | undefined => {
    const [all, ...parts] = pattern.exec(text) ?? [];
    if (all === undefined) return undefined;
    const day = order(parts);
    const rest = text.slice(all.length).replace(/^(?:,?\s+|T)/, '');
    if (day === undefined || (rest !== '' && rest === text.slice(all.length))) return undefined;
    if (rest === '') return { day };
    const time = timeOf(rest);
    return time === undefined ? undefined : { day, time };
  };
}

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(?:Z|UTC|([+-]\d{2}):?(\d{2})?)$/;

function instantOf(text: string): Written | undefined {
  const [, year, month, date, clock] = INSTANT.exec(text) ?? [];
  const day = year === undefined ? undefined : dayOf(year, month!, date!);
  const time = clock === undefined ? undefined : timeOf(clock);
  return day === undefined || time === undefined ? undefined : { day, time };
}

/** The instant of a text that names its offset. */
function exactInstant(text: string, { day, time }: Written): string | undefined {
  const [, , , , , hours, minutes = '00'] = INSTANT.exec(text) ?? [];
  const moment = new Date(`${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toJSON();
}

const readers: Readonly<
  Record<string, { readonly example: string; read: (text: string) => Written | undefined }>
> = {
  'ISO instant': { example: '2024-01-31T09:30:00Z', read: instantOf },
  'YYYY-MM-DD': {
    example: '2024-01-31',
    read: withTime(/^(\d{4})-(\d{1,2})-(\d{1,2})/, ([y, m, d]) => dayOf(y!, m!, d!)),
  },
  'DD.MM.YYYY': {
    example: '31.01.2024',
    read: withTime(/^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})/, ([d, m, y]) => dayOf(y!, m!, d!)),
  },
  'MM/DD/YYYY': {
    example: '01/31/2024',
    read: withTime(/^(\d{1,2})\/(\d{1,2})\/(\d{4})/, ([m, d, y]) => dayOf(y!, m!, d!)),
  },
  'DD/MM/YYYY': {
    example: '31/01/2024',
    read: withTime(/^(\d{1,2})\/(\d{1,2})\/(\d{4})/, ([d, m, y]) => dayOf(y!, m!, d!)),
  },
  'D MMM YYYY': {
    example: '31 Jan 2024',
    read: withTime(
      /^(?:(\d{1,2})\.?[ -]([\p{L}]{3,9})|([\p{L}]{3,9}) (\d{1,2}),?)\.?[ -](\d{4})/u,
      ([date, month, first, second, year]) => {
        const number = monthOf(month ?? first!);
        return number > 0 ? dayOf(year!, number, (date ?? second)!) : undefined;
      },
    ),
  },
  YYYYMMDD: {
    example: '20240131',
    read: withTime(/^(\d{4})(\d{2})(\d{2})(?!\d)/, ([y, m, d]) => dayOf(y!, m!, d!)),
  },
  [SERIAL_NAME]: { example: '45322', read: serialOf },
};

function read(name: string, text: string, kind: FieldKind, settings: ReadSettings): string | Fault {
  const { example, read: readWritten } = readers[name]!;
  const written = readWritten(text);
  const what = kind === 'date' ? 'day' : 'moment';
  const remedy = `Write it like ${example}.`;
  if (!written) return faultOf(text, kind, `is no ${what} written as ${name}`, remedy);
  // A day with a time is the day that is written, in whatever zone it was.
  if (kind === 'date') return written.day;
  const instant =
    name === 'ISO instant'
      ? exactInstant(text, written)
      : instantAt(`${written.day}T${written.time ?? '00:00:00'}`, settings.timeZone).toJSON();
  return instant ?? faultOf(text, kind, `is no ${what} written as ${name}`, remedy);
}

const all = Object.entries(readers).map(([name, { example }]): [string, Format] => [
  name,
  {
    kinds: ['date', 'instant'],
    example,
    read: (text, kind, settings) => read(name, text, kind, settings),
  },
]);
const isSerial = ([name]: readonly [string, Format]) => name === SERIAL_NAME;

/**
 * Days with or without a time. Read as a day the time is left out; read as an instant a day is its
 * start in the zone of the import.
 */
export const dateFormats: Readonly<Record<string, Format>> = Object.fromEntries(
  all.filter((entry) => !isSerial(entry)),
);

/** Days as spreadsheets count them: any number can be one, so it is the last to be thought of. */
export const serialFormat: Readonly<Record<string, Format>> = Object.fromEntries(
  all.filter(isSerial),
);

import type { Money } from '#kernel/fields';
import { fitsMoney, moneyOf } from '#kernel/money';
import type { Fault } from '../problems.js';
import { faultOf, isFault, type Format } from './format.js';

/** The groups of digits and the decimals of a notation. */
interface Notation {
  readonly example: string;
  readonly whole: RegExp;
  readonly group: RegExp;
  readonly point: string;
}

const notations = {
  '1234.5': {
    example: '1234.5',
    whole: /^\d+(?:\.\d+)?$/,
    group: /^$/g,
    point: '.',
  },
  '1,234.5': {
    example: '1,234.5',
    whole: /^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/,
    group: /,/g,
    point: '.',
  },
  '1.234,5': {
    example: '1.234,5',
    whole: /^(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?$/,
    group: /\./g,
    point: ',',
  },
  '1 234,5': {
    example: '1 234,5',
    whole: /^(?:\d+|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+)(?:,\d+)?$/,
    group: /[ \u00a0\u2009\u202f]/g,
    point: ',',
  },
  "1'234.5": {
    example: "1'234.5",
    whole: /^(?:\d+|\d{1,3}(?:['’]\d{3})+)(?:\.\d+)?$/,
    group: /['’]/g,
    point: '.',
  },
} as const satisfies Record<string, Notation>;

const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i;
const MOST_DIGITS = 15;
const MOST_CHARACTERS = 60;

/** A number as `-1234.5`, whatever its notation; an amount in brackets is negative. */
function decimalOf(given: string, notation: Notation): string | undefined {
  const bracketed = /^\((.+)\)$/.exec(given)?.[1];
  const [, sign = '', digits = ''] = /^([+\-\u2212]?)\s*(.*)$/s.exec(bracketed ?? given) ?? [];
  if (!notation.whole.test(digits) || (bracketed !== undefined && sign !== '')) return undefined;
  const plain = digits.replace(notation.group, '').replace(notation.point, '.');
  const negative = bracketed !== undefined || (sign !== '' && sign !== '+');
  return `${negative ? '-' : ''}${plain}`;
}

/** Why a text is no number or amount. */
function unread(given: string, rule: 'number' | 'amount', remedy: string): Fault {
  if (!SCIENTIFIC.test(given)) return faultOf(given, rule, `is no ${rule}`, remedy);
  const message = 'is written with an exponent, which loses digits';
  const other = 'Show the column as a number without exponent, then save as CSV again.';
  return { rule, message, remedy: other };
}

function numberOf(given: string, notation: Notation): number | Fault {
  const decimal = decimalOf(given, notation);
  if (decimal === undefined) return unread(given, 'number', `Write it like ${notation.example}.`);
  const exact = decimal.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
  if (exact.replace(/\D/g, '').replace(/^0+/, '').length > MOST_DIGITS) {
    const message = `has more than ${MOST_DIGITS} digits`;
    return { rule: 'number', message, remedy: 'Round it, or read the column as text.' };
  }
  // Minus zero is zero.
  return Number(exact) || 0;
}

const currencies = new Set(Intl.supportedValuesOf('currency'));
const decimals = new Map<string, number>();

/** Decimals of a currency: 2 for USD, 0 for JPY, 3 for KWD. */
function decimalsOf(currency: string): number {
  let known = decimals.get(currency);
  if (known === undefined) {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    decimals.set(currency, (known = format.resolvedOptions().maximumFractionDigits ?? 2));
  }
  return known;
}

/** What a sign stands for; where several countries share it, the currency of the import decides. */
const signs: Readonly<Record<string, readonly string[]>> = {
  $: ['USD', 'AUD', 'CAD', 'NZD', 'SGD', 'HKD', 'MXN'],
  US$: ['USD'],
  '€': ['EUR'],
  '£': ['GBP'],
  '¥': ['JPY', 'CNY'],
  '₹': ['INR'],
  '₩': ['KRW'],
  '₺': ['TRY'],
  '₽': ['RUB'],
  zł: ['PLN'],
  Kč: ['CZK'],
  Ft: ['HUF'],
  R$: ['BRL'],
  kr: ['SEK', 'NOK', 'DKK'],
  'Fr.': ['CHF'],
  'SFr.': ['CHF'],
};

const MARK = "[^\\d\\s.,()+\\-\\u2212'’][^\\d\\s,()+\\-\\u2212'’]*";
const MARKED = new RegExp(`^([+\\-\\u2212(]?)\\s*(${MARK})?\\s*(.*?)\\s*(${MARK})?(\\)?)$`, 's');

/** The number of an amount and the currency its cell names. */
function withoutMark(given: string, usual: string) {
  if (given.length > MOST_CHARACTERS) return undefined;
  const [, sign = '', before, middle = '', after, close = ''] = MARKED.exec(given) ?? [];
  const mark = before ?? after;
  if (mark === undefined || (before !== undefined && after !== undefined)) return undefined;
  // `constructor` is no sign either, though every object has one.
  const known = Object.hasOwn(signs, mark) ? signs[mark] : undefined;
  const meant = known ?? [mark.toUpperCase()].filter((code) => currencies.has(code));
  if (meant.length === 0) return undefined;
  const currency = meant.includes(usual) ? usual : meant[0]!;
  return { number: `${sign}${middle}${close}`.trim(), currency };
}

/** An exact amount in minor units. */
function amountOf(given: string, notation: Notation, usual: string): Money | Fault {
  const marked = withoutMark(given, usual);
  const currency = marked?.currency ?? usual;
  const decimal = decimalOf(marked?.number ?? given, notation);
  if (decimal === undefined) {
    const { example } = notation;
    return unread(given, 'amount', `Write it like ${example} or ${example} ${usual}.`);
  }
  const [units = '', fraction = ''] = decimal.split('.');
  const places = decimalsOf(currency);
  const exact = fraction.replace(/0+$/, '');
  if (exact.length > places) {
    const message = `has more decimals than ${currency} has`;
    return { rule: 'decimals', message, remedy: `Round it to ${places}.` };
  }
  const digits = `${units}${exact.padEnd(places, '0')}`;
  const minor = digits.length <= 40 ? BigInt(digits) : undefined;
  if (minor === undefined || !fitsMoney(minor)) {
    return { rule: 'amount', message: 'is too large', remedy: 'Check the unit.' };
  }
  return moneyOf(minor, currency);
}

function hasMark(text: string, usual: string): boolean {
  return withoutMark(text, usual) !== undefined;
}

const plain = Object.entries(notations).map(([name, notation]): [string, Format] => [
  name,
  {
    kinds: ['number', 'money'],
    example: notation.example,
    read: (text, kind, { currency }) =>
      kind === 'money' ? amountOf(text, notation, currency) : numberOf(text, notation),
  },
]);

const marked = Object.entries(notations).map(([name, notation]): [string, Format] => [
  `${name} EUR`,
  {
    kinds: ['money'],
    example: `${notation.example} EUR`,
    read: (text, _kind, { currency }) => {
      const money = amountOf(text, notation, currency);
      if (isFault(money) || hasMark(text, currency)) return money;
      const remedy = `Write it like ${notation.example} ${currency}.`;
      return { rule: 'currency', message: 'names no currency', remedy };
    },
  },
]);

const percent = (['1234.5', '1.234,5'] as const).map((name): [string, Format] => {
  const notation = notations[name];
  const example = name === '1234.5' ? '12.5%' : '12,5%';
  return [
    example,
    {
      kinds: ['number'],
      example,
      read: (text) => {
        const number = /^(.*\d)\s*%$/s.exec(text)?.[1];
        const remedy = `Write it like ${example}.`;
        if (number === undefined) return faultOf(text, 'percent', 'is no percentage', remedy);
        return numberOf(number, notation);
      },
    },
  ];
});

/** Plain numbers, amounts that name their currency, and percentages. */
export const numberFormats: Readonly<Record<string, Format>> = Object.fromEntries([
  ...plain,
  ...marked,
  ...percent,
]);

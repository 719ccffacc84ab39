import type { Money } from '#kernel/fields';
import { fitsMoney, moneyOf } from '#kernel/money';
import { BadRow, isFault, type Fault } from './problems.js';
import { shown } from './reading/shown.js';

/** How the text of a cell becomes a value; a fault says why it does not. */
export type Read<Value> = (text: string) => Value | Fault;

/** A column of a file: how it is read, and what stands for what. */
export interface Column<Value> {
  readonly read: Read<Value>;
  readonly required: boolean;
  /** Whether an empty cell says something as well. */
  readonly readsEmpty?: boolean;
  /** Spellings that mean another one. */
  readonly aliases: Readonly<Record<string, string>>;
}
export type Columns = Readonly<Record<string, Column<unknown>>>;

/** A row as its columns read it; an empty cell is null. */
export type Row = Readonly<Record<string, unknown>>;

type Aliases = Readonly<Record<string, string>>;

export function required<Value>(read: Read<Value>, aliases: Aliases = {}): Column<Value> {
  return { read, required: true, aliases };
}
export function optional<Value>(read: Read<Value>, aliases: Aliases = {}): Column<Value | null> {
  return { read, required: false, aliases };
}

/**
 * Reads the cells of a row; an empty cell that may be empty is null. Throws {@link BadRow} for the
 * first one that cannot be taken.
 */
export function readRow(columns: Columns, cells: Readonly<Record<string, string>>): Row {
  const row: Record<string, unknown> = {};
  for (const [name, column] of Object.entries(columns)) {
    const given = cells[name] ?? '';
    const text = Object.hasOwn(column.aliases, given) ? column.aliases[given]! : given;
    if (text === '' && !column.readsEmpty) {
      if (column.required) throw new BadRow(empty, name, given);
      row[name] = null;
      continue;
    }
    const value = column.read(text);
    if (isFault(value)) throw new BadRow(value, name, shown(given));
    row[name] = value;
  }
  return row;
}

const empty: Fault = { rule: 'required', message: 'is empty', remedy: 'Fill it in.' };

export const text =
  (most: number): Read<string> =>
  (given) =>
    given.length <= most
      ? given
      : {
          rule: 'length',
          message: `is longer than ${most} characters`,
          remedy: 'Shorten it.',
        };

export const oneOf =
  <const Values extends readonly string[]>(...values: Values): Read<Values[number]> =>
  (given) =>
    values.includes(given)
      ? given
      : {
          rule: 'choice',
          message: 'is none of the known values',
          remedy: `Use ${values.join(', ')}.`,
        };

export const whole =
  (least: number, most: number): Read<number> =>
  (given) => {
    const value = /^-?\d{1,15}$/.test(given) ? Number(given) : NaN;
    if (value >= least && value <= most) return value;
    const message = `is no whole number from ${least} to ${most}`;
    return { rule: 'whole', message, remedy: 'Write digits only.' };
  };

/**
 * An amount in units of `10 ** exponent` major units: 0 for dollars, 6 for millions of dollars.
 * The currency has two decimals.
 */
export const amount =
  (currency: string, exponent = 0): Read<Money> =>
  (given) => {
    const parts = /^(-?)(\d{1,18})(?:\.(\d{1,18}))?$/.exec(given);
    if (!parts) {
      return { rule: 'amount', message: 'is no amount', remedy: 'Write it like 1100.04.' };
    }
    const [, sign, units, decimals = ''] = parts;
    const shift = exponent + 2;
    const exact = decimals.replace(/0+$/, '');
    if (exact.length > shift) {
      const message = `has more than ${shift} decimals`;
      return { rule: 'decimals', message, remedy: 'Round it.' };
    }
    const minor = BigInt(`${sign}${units}${exact.padEnd(shift, '0')}`);
    if (!fitsMoney(minor)) {
      return { rule: 'amount', message: 'is too large', remedy: 'Check the unit.' };
    }
    return moneyOf(minor, currency);
  };

const US_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

/** A calendar day written month/day/year, as `YYYY-MM-DD`. */
export const usDay: Read<string> = (given) => {
  const [, month, date, year] = US_DATE.exec(given) ?? [];
  const day = `${year}-${month?.padStart(2, '0')}-${date?.padStart(2, '0')}`;
  const time = Date.parse(`${day}T00:00:00Z`);
  const real = month !== undefined && new Date(time).toJSON()?.startsWith(day);
  return real
    ? day
    : { rule: 'date', message: 'is no day', remedy: 'Write month/day/year, such as 3/31/2017.' };
};

import { describe, expect, it } from '@jest/globals';
import { amount, oneOf, optional, readRow, required, text, usDay, whole } from './columns.js';
import { BadRow } from './problems.js';

const faultOf = (value: unknown) => (value as { message?: string }).message;

describe('columns', () => {
  it.each([
    ['1100.04', 0, '110004'],
    ['1100.04', 6, '110004000000'],
    ['55', 0, '5500'],
    ['-0.5', 0, '-50'],
    ['4.540', 0, '454'],
    ['0', 6, '0'],
  ])('reads %s as money without rounding (10^%d)', (given, exponent, amountMinor) => {
    expect(amount('USD', exponent)(given)).toEqual({ amountMinor, currency: 'USD' });
  });

  it.each([
    ['1,100', 0, 'is no amount'],
    ['$5', 0, 'is no amount'],
    ['1e3', 0, 'is no amount'],
    ['1.005', 0, 'has more than 2 decimals'],
    ['999999999999999999', 6, 'is too large'],
  ])('refuses the amount %s', (given, exponent, message) => {
    expect(faultOf(amount('USD', exponent)(given))).toBe(message);
  });

  it.each([
    ['10/20/2016', '2016-10-20'],
    ['3/1/2017', '2017-03-01'],
    ['2/29/2016', '2016-02-29'],
  ])('reads the day %s', (given, day) => {
    expect(usDay(given)).toBe(day);
  });

  it.each(['2/29/2017', '20/10/2016', '2016-10-20', '10/20/16', '0/1/2016'])(
    'refuses the day %s',
    (given) => {
      expect(faultOf(usDay(given))).toBe('is no day');
    },
  );

  it('keeps within the limits of numbers, choices and lengths', () => {
    expect(whole(1, 9)('5')).toBe(5);
    expect(faultOf(whole(1, 9)('10'))).toBe('is no whole number from 1 to 9');
    expect(faultOf(whole(1, 9)('5.0'))).toBe('is no whole number from 1 to 9');
    expect(oneOf('Won', 'Lost')('Won')).toBe('Won');
    expect(oneOf('Won', 'Lost')('won')).toMatchObject({ remedy: 'Use Won, Lost.' });
    expect(faultOf(text(3)('four'))).toBe('is longer than 3 characters');
  });

  it('reads a row, its aliases and its empty cells', () => {
    const columns = {
      name: required(text(10)),
      sector: optional(text(20), { technolgy: 'technology' }),
      size: optional(whole(0, 9)),
    };
    expect(readRow(columns, { name: 'A', sector: 'technolgy', size: '', more: 'x' })).toEqual({
      name: 'A',
      sector: 'technology',
      size: null,
    });
    const bad = (cells: Record<string, string>) => {
      try {
        readRow(columns, cells);
      } catch (error) {
        return error as BadRow;
      }
      return undefined;
    };
    expect(bad({ name: '' })).toMatchObject({ column: 'name', fault: { rule: 'required' } });
    expect(bad({ name: 'A', size: 'x' })).toMatchObject({ column: 'size', value: 'x' });
  });
});

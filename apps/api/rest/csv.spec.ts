import { describe, expect, it } from '@jest/globals';
import { isRefusal } from '#kernel/refusal';
import { majorUnits, wantsCsv } from './csv.js';
import { parseJson } from './json-body.js';

describe('CSV', () => {
  it.each([
    ['105400', 'USD', '1054.00'],
    ['5', 'USD', '0.05'],
    ['-5', 'USD', '-0.05'],
    ['-105400', 'EUR', '-1054.00'],
    ['1054', 'JPY', '1054'],
    ['1054', 'KWD', '1.054'],
    ['0', 'USD', '0.00'],
    ['123456789012345678', 'USD', '1234567890123456.78'],
  ])('%s minor units of %s are %s', (amountMinor, currency, text) => {
    expect(majorUnits({ amountMinor, currency })).toBe(text);
  });

  it('is given to those who ask for it', () => {
    expect(wantsCsv('csv')).toBe(true);
    expect(wantsCsv('json', 'text/csv')).toBe(false);
    expect(wantsCsv(undefined, 'text/csv')).toBe(true);
    expect(wantsCsv(undefined, 'application/json, text/csv')).toBe(false);
    expect(isRefusal(wantsCsv('xlsx'))).toBe(true);
  });
});

describe('a JSON body', () => {
  const problem = (text: string) => {
    try {
      parseJson(Buffer.from(text));
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  };

  it('is parsed to the letter, or refused where it goes wrong', () => {
    expect(parseJson(Buffer.from('{"name":"é"}'))).toEqual({ name: 'é' });
    expect(problem('{"a": 1,\n"b" 2}')).toContain('line 2, column 5');
    expect(problem('{"a": "')).toContain('at position');
    expect(problem('')).toBe('The body is empty.');
  });

  it('is at most 32 levels deep', () => {
    expect(problem('['.repeat(32) + ']'.repeat(32))).toBeUndefined();
    expect(problem('['.repeat(34) + ']'.repeat(34))).toContain('deeper than 32');
  });

  it('holds at most 20,000 values', () => {
    const many = (values: number) =>
      `{"ids":[${Array(values - 2)
        .fill('1')
        .join()}]}`;
    expect(problem(many(20_000))).toBeUndefined();
    expect(problem(many(20_001))).toBe('The body holds more than 20000 values.');
    expect(problem(`{"a":[${Array(10_001).fill('[1]').join()}]}`)).toContain('more than 20000');
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fault } from '../problems.js';
import { formats, formatsOf, isFault, readAs, readerOf } from './formats.js';
import type { FieldKind, TargetField } from './types.js';

const settings = { currency: 'EUR', timeZone: 'Europe/Vienna' };
const field = (kind: FieldKind): TargetField => ({ name: 'it', title: 'It', kind });
const read = (kind: FieldKind, format: string | null, text: string) =>
  readerOf(field(kind), format, settings)(text);
const fault = (kind: FieldKind, format: string | null, text: string) => {
  const value = read(kind, format, text);
  expect([text, isFault(value)]).toEqual([text, true]);
  return value;
};

describe('formats', () => {
  it('read their own example, in every kind they are for', () => {
    for (const format of Object.values(formats)) {
      for (const kind of format.kinds) {
        const value = readAs(format, format.example, kind, settings);
        expect([format.example, isFault(value)]).toEqual([format.example, false]);
      }
    }
  });

  it('never throw, and take no very long text', () => {
    const kinds = Object.values(formats).flatMap((format) =>
      format.kinds.map((kind) => [format, kind] as const),
    );
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[ \d.,:/+()€$%-]{0,20}$/));
    fc.assert(
      fc.property(text, (given) => {
        for (const [format, kind] of kinds) readAs(format, given, kind, settings);
      }),
    );
    for (const [format, kind] of kinds) {
      for (const long of [' ', '1', '(', '-', 'a.', '€ '].map((part) => part.repeat(400_000))) {
        expect(isFault(readAs(format, `${long}x`, kind, settings))).toBe(true);
      }
    }
  });

  it.each([
    ['YYYY-MM-DD', '2024-2-9', '2024-02-09'],
    ['YYYY-MM-DD', '2024-02-09 23:59:59', '2024-02-09'],
    ['DD.MM.YYYY', '29.2.2024', '2024-02-29'],
    ['MM/DD/YYYY', '12/31/2024', '2024-12-31'],
    ['DD/MM/YYYY', '31/12/2024', '2024-12-31'],
    ['D MMM YYYY', '5 Jan 2024', '2024-01-05'],
    ['D MMM YYYY', '5. März 2024', '2024-03-05'],
    ['D MMM YYYY', 'May 5, 2024', '2024-05-05'],
    ['D MMM YYYY', '31-Dec-2024', '2024-12-31'],
    ['YYYYMMDD', '20240229', '2024-02-29'],
    ['Excel serial', '45322', '2024-01-31'],
    ['Excel serial', '61', '1900-03-01'],
    ['ISO instant', '2024-01-31T23:30:00+01:00', '2024-01-31'],
    [null, '2024-01-31', '2024-01-31'],
  ])('read days as %s: %s', (format, text, day) => {
    expect(read('date', format, text)).toBe(day);
  });

  it.each([
    ['DD.MM.YYYY', '30.2.2024'],
    ['MM/DD/YYYY', '31/12/2024'],
    ['DD/MM/YYYY', '12/31/2024'],
    ['DD.MM.YYYY', '1.2.24'],
    ['YYYY-MM-DD', '0001-01-01'],
    ['YYYY-MM-DD', '2024-01-01x'],
    ['YYYY-MM-DD', '2024-01-01 25:00'],
    ['YYYYMMDD', '20240230'],
    ['D MMM YYYY', '5 Foo 2024'],
    ['Excel serial', '3000000'],
    [null, '31.12.2024'],
  ])('refuse days that are not %s: %s', (format, text) => {
    expect(fault('date', format, text)).toMatchObject({ rule: 'date' });
  });

  it.each([
    ['ISO instant', '2024-01-31T23:30:00+01:00', '2024-01-31T22:30:00.000Z'],
    ['ISO instant', '2024-01-31 09:30:15.1234 UTC', '2024-01-31T09:30:15.123Z'],
    ['DD.MM.YYYY', '01.07.2024 14:05', '2024-07-01T12:05:00.000Z'],
    ['DD.MM.YYYY', '01.01.2024', '2023-12-31T23:00:00.000Z'],
    ['MM/DD/YYYY', '7/1/2024 2:05:09 PM', '2024-07-01T12:05:09.000Z'],
    ['MM/DD/YYYY', '7/1/2024, 12:00 am', '2024-06-30T22:00:00.000Z'],
    ['Excel serial', '45322.5', '2024-01-31T11:00:00.000Z'],
    ['YYYY-MM-DD', '2024-03-31 12:00', '2024-03-31T10:00:00.000Z'],
  ])('read moments as %s in the zone: %s', (format, text, instant) => {
    expect(read('instant', format, text)).toBe(instant);
  });

  it.each([
    ['1234.5', '1234.50', 1234.5],
    ['1234.5', '-0.25', -0.25],
    ['1234.5', '+7', 7],
    ['1,234.5', '1,234,567.5', 1234567.5],
    ['1.234,5', '1.234.567,5', 1234567.5],
    ['1.234,5', '1234,5', 1234.5],
    ['1 234,5', '1\u00a0234,5', 1234.5],
    ["1'234.5", '1’234.5', 1234.5],
    ['1,234.5', '(1,234)', -1234],
    ['12.5%', '12.5 %', 12.5],
    ['12,5%', '12,5%', 12.5],
    ['1234.5', '-0', 0],
  ])('read numbers as %s: %s', (format, text, number) => {
    expect(read('number', format, text)).toBe(number);
  });

  it.each([
    ['1234.5', '1,234', 'is no number'],
    ['1,234.5', '12,34', 'is no number'],
    ['1234.5', '1234567890123456', 'has more than 15 digits'],
    ['1234.5', '4.36E+11', 'is written with an exponent, which loses digits'],
    ['1234.5', '=1+1', 'looks like a formula and is no number'],
    ['1234.5', '-cmd', 'looks like a formula and is no number'],
    ['1234.5', '#REF!', 'is an error of the spreadsheet'],
    ['12.5%', '12.5', 'is no percentage'],
    ['1234.5', 'Infinity', 'is no number'],
    ['1234.5', '0x10', 'is no number'],
  ])('refuse numbers that are not %s: %s', (format, text, message) => {
    expect(fault('number', format, text)).toMatchObject({ message });
  });

  it.each([
    ['1234.5', '1100.04', '110004', 'EUR'],
    ['1.234,5', '€ 1.234,50', '123450', 'EUR'],
    ['1.234,5', '1.234,50 €', '123450', 'EUR'],
    ['1,234.5', '-$1,234.5', '-123450', 'USD'],
    ['1,234.5', '$-3', '-300', 'USD'],
    ['1,234.5', '($3.10)', '-310', 'USD'],
    ["1'234.5", "CHF 1'234.50", '123450', 'CHF'],
    ["1'234.5", 'Fr. 12.50', '1250', 'CHF'],
    ['1,234.5', '¥1,234', '1234', 'JPY'],
    ['1234.5', '1.234 KWD', '1234', 'KWD'],
    ['1,234.5 EUR', '12 usd', '1200', 'USD'],
    ['1234.5', '9007199254740993.01', '900719925474099301', 'EUR'],
  ])('read amounts as %s: %s', (format, text, amountMinor, currency) => {
    expect(read('money', format, text)).toEqual({ amountMinor, currency });
  });

  it('let the currency of the import decide what a shared sign means', () => {
    const reader = readerOf(field('money'), '1234.5', { ...settings, currency: 'CAD' });
    expect(reader('$5')).toEqual({ amountMinor: '500', currency: 'CAD' });
    expect(reader('US$ 5')).toEqual({ amountMinor: '500', currency: 'USD' });
  });

  it.each([
    ['1234.5', '1.005', 'has more decimals than EUR has'],
    ['1234.5', '¥1.5', 'has more decimals than JPY has'],
    ['1234.5', '9'.repeat(17), 'is too large'],
    ['1234.5', '9'.repeat(300), 'is too large'],
    ['1234.5', '5 bananas', 'is no amount'],
    ['1234.5', '@SUM(A1)', 'looks like a formula and is no amount'],
    ['1234.5 EUR', '5', 'names no currency'],
  ])('refuse amounts that are not %s: %s', (format, text, message) => {
    expect(fault('money', format, text)).toMatchObject({ message });
  });

  it.each([
    ['true/false', 'TRUE', true],
    ['yes/no', 'N', false],
    ['ja/nein', 'Ja', true],
    ['wahr/falsch', 'FALSCH', false],
    ['1/0', '0', false],
    ['x/empty', 'X', true],
    ['x/empty', '', false],
    [null, 'nein', false],
  ])('read booleans as %s: %s', (format, text, value) => {
    expect(read('boolean', format, text)).toBe(value);
  });

  it.each<[FieldKind, string, string]>([
    ['email', 'Ada.Lovelace+crm@sub.example.co.uk', 'Ada.Lovelace+crm@sub.example.co.uk'],
    ['phone', '+43 (1) 234-567 ext. 12', '+43 (1) 234-567 ext. 12'],
    ['phone', "'+43 1 234567", '+43 1 234567'],
    ['url', 'www.example.com/a?b', 'https://www.example.com/a?b'],
    ['url', 'http://localhost:3000/x', 'http://localhost:3000/x'],
    ['text', '=HYPERLINK("x")', '=HYPERLINK("x")'],
    ['text', "'=1+1", '=1+1'],
    ['text', "'tis", "'tis"],
    ['longText', '-- or so\nbelow', '-- or so\nbelow'],
  ])('read a value of kind %s: %s', (kind, text, value) => {
    expect(read(kind, null, text)).toBe(value);
  });

  it.each<[FieldKind, string, string]>([
    ['email', 'ada@example', 'is no e-mail address'],
    ['email', 'Ada <ada@example.com>', 'is no e-mail address'],
    ['email', '=ada@example.com', 'looks like a formula and is no e-mail address'],
    ['email', 'a@b.com, c@d.com', 'is no e-mail address'],
    ['phone', '4.36761E+11', 'is a telephone number that a spreadsheet has shortened'],
    ['phone', '=cmd()', 'looks like a formula and is no telephone number'],
    ['phone', 'by mail', 'is no telephone number'],
    ['url', 'javascript:alert(1)', 'is no web address'],
    ['url', 'two words.com', 'is no web address'],
  ])('refuse a value of kind %s: %s', (kind, text, message) => {
    expect(fault(kind, null, text)).toMatchObject({ message });
  });

  it('read choices by value or title and name the known ones', () => {
    const choices = [
      { value: 'not_invited', title: 'Not yet invited' },
      { value: 'active', title: 'Active' },
    ];
    const reader = readerOf({ ...field('choice'), choices }, null, settings);
    expect(['Not Invited', 'NOT-INVITED', 'not yet invited', 'active'].map(reader)).toEqual([
      'not_invited',
      'not_invited',
      'not_invited',
      'active',
    ]);
    expect((reader('gone') as Fault).remedy).toBe('Use not_invited, active.');
  });

  it('read tags between semicolons, or else commas', () => {
    expect(read('tags', null, 'a, b; c ;;a, b')).toEqual(['a, b', 'c']);
    expect(read('tags', null, 'a, b,a')).toEqual(['a', 'b']);
  });

  it('are offered by kind; a foreign one is refused', () => {
    expect(formatsOf('boolean')[0]).toBe('true/false');
    expect(formatsOf('text')).toEqual([]);
    expect(() => read('date', '1234.5', '1')).toThrow(RangeError);
    expect(() => read('date', 'constructor', '1')).toThrow('it cannot be read as constructor.');
  });
});

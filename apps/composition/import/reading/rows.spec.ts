import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { problemLine } from '../problems.js';
import { sniff } from './dialect.js';
import { gather, inPieces } from './reading.given.js';
import { readRows } from './rows.js';
import type { ReadOptions } from './types.js';

const folder = mkdtempSync(join(tmpdir(), 'clientforge-reading-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads bytes from a file, as they are sniffed. */
async function read(content: string | Buffer, options: ReadOptions = {}) {
  const path = join(folder, 'rows.csv');
  writeFileSync(path, content);
  const dialect = await sniff(path);
  const { rows, problems } = await gather((report) => readRows(path, dialect, options, report));
  return { rows, problems, lines: problems.map(problemLine) };
}

describe('readRows', () => {
  it('reads quoted cells, line breaks within them, empty lines and a byte order mark', async () => {
    const { rows, lines } = await read(
      '\ufeffa,b\r\n1,2\r\n\r\n"x, ""y""","two\nlines"\r\n 3 ,4\r\n,\r\n5" pipe, "6"\r\n',
    );
    expect(lines).toEqual([]);
    expect(rows).toEqual([
      [2, { a: '1', b: '2' }],
      [4, { a: 'x, "y"', b: 'two\nlines' }],
      [6, { a: '3', b: '4' }],
      [8, { a: '5" pipe', b: '6' }],
    ]);
  });

  it.each(['\n', '\r\n', '\r'])('knows the line end %j', async (end) => {
    const { rows, lines } = await read(['a,b', '1,"x', 'y"', '', '3,4'].join(end));
    expect(lines).toEqual([]);
    expect(rows).toEqual([
      [2, { a: '1', b: `x${end}y` }],
      [5, { a: '3', b: '4' }],
    ]);
  });

  it('passes over the line that names the delimiter', async () => {
    const { rows, lines } = await read('sep=;\r\na;b\r\n1,5;2\r\n');
    expect([lines, rows]).toEqual([[], [[3, { a: '1,5', b: '2' }]]]);
  });

  it('takes empty cells and empty columns at the end', async () => {
    const { rows, lines } = await read('a,b,,\n1,2,,\n3,4\n5,6,,,,\n7,8,,9\n');
    expect(rows.map(([line]) => line)).toEqual([2, 3, 4]);
    expect(lines).toEqual([
      'rows.csv:5 has 4 cells instead of 2. ' +
        'Put text that holds , between double quotes, and close each of them.',
    ]);
  });

  it('names columns that have no name, or one that is taken', async () => {
    const { rows, lines } = await read('a,,a,a\n1,2,3,4\n');
    expect(rows).toEqual([[2, { a: '1', 'Column 2': '2', 'a (2)': '3', 'a (3)': '4' }]]);
    expect(lines).toEqual([
      'rows.csv:1 has no name for column 2. Rename it; it is read as "Column 2".',
      'rows.csv:1 has two columns a. Rename it; it is read as "a (2)".',
      'rows.csv:1 has two columns a. Rename it; it is read as "a (3)".',
    ]);
  });

  it('keeps cells of columns that are named like parts of objects', async () => {
    const { rows } = await read('__proto__,constructor\n1,2\n');
    expect(Object.entries(rows[0]![1])).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  it('needs its columns, each of them once', async () => {
    const columns = ['a', 'b'];
    expect((await read('a,c\n1,2\n', { columns })).lines).toEqual([
      'rows.csv:1 has no column b. Its columns are a, c.',
    ]);
    const twice = await read('a,b,b\n1,2,3\n', { columns });
    expect([twice.rows, twice.lines]).toEqual([
      [],
      ['rows.csv:1 has two columns b. Keep one of them.'],
    ]);
  });

  it('goes on after a line, without a word about what came before', async () => {
    const { rows, lines } = await read('a,b\n1\n2,3\n4\n5,6\n', { afterLine: 3 });
    expect(rows).toEqual([[5, { a: '5', b: '6' }]]);
    expect(lines).toEqual([expect.stringMatching(/^rows\.csv:4 has 1 cells/)]);
  });

  it.each([
    ['', 'rows.csv is empty. Save it again with a heading and rows.'],
    ['\n\n', 'rows.csv:1 has no heading. Name the columns in the first line.'],
    [',,\n1,2,3\n', 'rows.csv:1 has no heading. Name the columns in the first line.'],
    [
      'a,b\n\n,\n',
      'rows.csv:1 has a heading and no rows. Add rows below the heading, or choose another file.',
    ],
    [
      Buffer.from('PK\u0003\u0004workbook'),
      'rows.csv is a workbook or another zip archive and no CSV file. ' +
        'Open it in its program and save it as CSV.',
    ],
    [
      Buffer.concat(Array.from({ length: 300 }, (_, n) => Buffer.from([0, 0, n % 256, 255]))),
      'rows.csv is a binary file and no CSV file. Open it in its program and save it as CSV.',
    ],
    [
      '"a,b\n1,2\n',
      'rows.csv:1 has a heading that cannot be read. Close every double quote in it.',
    ],
  ])('says in one sentence what is wrong with the file %#', async (content, sentence) => {
    const { rows, lines } = await read(content);
    expect([rows, lines]).toEqual([[], [sentence]]);
  });

  it('says that a file is not there', async () => {
    const dialect = { encoding: 'utf-8', delimiter: ',', header: true } as const;
    const { problems } = await gather((report) =>
      readRows(join(folder, 'none.csv'), dialect, {}, report),
    );
    expect(problems.map(problemLine)).toEqual(['none.csv is not there. Put it into the folder.']);
  });
});

const good = (n: number) => Buffer.from(`${n},"Ädä, ${n}",x\n`);

const brokenRows: readonly [string, Buffer, RegExp][] = [
  ['too many cells', Buffer.from('1,2,3,4\n'), /has 4 cells instead of 3/],
  ['too few cells', Buffer.from('1,2\n'), /has 2 cells instead of 3/],
  ['too few cells over two lines', Buffer.from('"1\n2",3\n'), /has 2 cells instead of 3/],
  ['text after a closing quote', Buffer.from('"a"b,2,3\n'), / a "\\"a\\"b" goes on after/],
  ['a stray quote in the middle', Buffer.from('1,"say "hi" now",3\n'), / b .* goes on after/],
  ['an open quote in the first cell', Buffer.from('"1,2,3\n'), / a .* is not closed/],
  ['an open quote in the last cell', Buffer.from('1,2,"3\n'), / c .* is not closed/],
  ['a quote alone', Buffer.from('"\n'), / a .* is not closed/],
  ['a NUL character', Buffer.from('1,2\0,3\n'), / b "2\\u0000" holds a NUL character/],
  ['bytes that are no character', Buffer.from([0x31, 0x2c, 0xc3, 0x28, 0x2c, 0x33, 0x0a]), / b /],
  ['half a character', Buffer.from([0x31, 0x2c, 0x32, 0x2c, 0xe2, 0x82, 0x0a]), / c .* no char/],
  ['a cell over the limit', Buffer.from(`1,${'y'.repeat(5000)},3\n`), / b "y+…" is longer than 1/],
  ['a quoted cell over the limit', Buffer.from(`1,"${'y""'.repeat(2000)}",3\n`), / b .* is longer/],
  ['lines over the limit', Buffer.from(`1,"${'some words\n'.repeat(900)}",3\n`), / b .* is longer/],
  ['a row over the limit', Buffer.from(`${'12345678,'.repeat(3000)}\n`), /is longer than 1,000/],
];

describe('a broken row', () => {
  const heading = Buffer.from('a,b,c\n');
  const before = [good(1), good(2)];

  it.each(brokenRows)('with %s gives one error and spares its neighbours', async (_, row, said) => {
    const bytes = Buffer.concat([heading, ...before, row, good(3), good(4)]);
    for (const size of [bytes.length, 1000, row.length > 100 ? 97 : 1]) {
      const { rows, problems } = await inPieces(bytes, size, 'utf-8', ',', 1000);
      expect(problems.map(problemLine)).toEqual([expect.stringMatching(said)]);
      expect(problems[0]!.line).toBe(4);
      expect(problems[0]!.value?.length ?? 0).toBeLessThanOrEqual(200);
      expect(rows.map(([, { a }]) => a)).toEqual(['1', '2', '3', '4']);
    }
  });

  it.each(brokenRows)('with %s as the last gives one error', async (_, row) => {
    const bytes = Buffer.concat([heading, ...before, row.subarray(0, -1)]);
    for (const size of [bytes.length, 300]) {
      const { rows, problems } = await inPieces(bytes, size, 'utf-8', ',', 1000);
      expect(problems.map(({ line }) => line)).toEqual([4]);
      expect(rows).toHaveLength(2);
    }
  });

  it('of all kinds together', async () => {
    const parts = brokenRows.flatMap(([, row], n) => [row, good(n)]);
    const bytes = Buffer.concat([heading, ...parts]);
    for (const size of [bytes.length, 101]) {
      const { rows, problems } = await inPieces(bytes, size, 'utf-8', ',', 1000);
      expect(problems).toHaveLength(brokenRows.length);
      expect(rows.map(([, { a }]) => Number(a))).toEqual(brokenRows.map((_, n) => n));
    }
  });

  it('with an open quote far from the end loses no other row', async () => {
    const many = Array.from({ length: 5000 }, (_, n) => `${n},plain,x\n`).join('');
    const bytes = Buffer.from(`a,b,c\n"0,1,2\n${many}`);
    const { rows, problems } = await inPieces(bytes, 4096, 'utf-8', ',', 1000);
    expect(problems).toHaveLength(1);
    expect(rows).toHaveLength(5000);
    expect(rows.at(-1)![0]).toBe(5002);
  });
});

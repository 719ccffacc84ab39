import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readCsv } from './csv.js';
import { problemLine, type RowProblem } from './problems.js';

async function read(text: string, columns: readonly string[] = ['a', 'b']) {
  const folder = mkdtempSync(join(tmpdir(), 'clientforge-csv-'));
  const path = join(folder, 'rows.csv');
  writeFileSync(path, text);
  const problems: RowProblem[] = [];
  const rows: [number, Readonly<Record<string, string>>][] = [];
  for await (const { line, cells } of readCsv(path, columns, (one) => problems.push(one))) {
    rows.push([line, cells]);
  }
  rmSync(folder, { recursive: true });
  return { rows, problems: problems.map(problemLine) };
}

describe('readCsv', () => {
  it('reads quoted cells, line breaks within them, empty lines and a byte order mark', async () => {
    const { rows, problems } = await read(
      '\ufeffa,b\r\n1,2\r\n\r\n"x, ""y""","two\nlines"\r\n 3 ,4\r\n',
    );
    expect(problems).toEqual([]);
    expect(rows).toEqual([
      [2, { a: '1', b: '2' }],
      [4, { a: 'x, "y"', b: 'two\nlines' }],
      [6, { a: '3', b: '4' }],
    ]);
  });

  it('leaves out rows with too many or too few cells', async () => {
    const { rows, problems } = await read('a,b\n1\n2,3\n4,5,6\n');
    expect(rows).toEqual([[3, { a: '2', b: '3' }]]);
    expect(problems).toEqual([
      'rows.csv:2 has 1 cells instead of 2. Put text that holds a comma between double quotes.',
      'rows.csv:4 has 3 cells instead of 2. Put text that holds a comma between double quotes.',
    ]);
  });

  it('says where a quote was left open', async () => {
    const { rows, problems } = await read('a,b\n1,2\n"3,4\n5,6\n');
    expect(rows).toHaveLength(1);
    expect(problems).toEqual([
      expect.stringMatching(/^rows\.csv:3 cannot be read from here on: .* Close every/),
    ]);
  });

  it('needs its columns, each of them once', async () => {
    expect((await read('a,c\n1,2\n')).problems).toEqual([
      'rows.csv:1 has no column b. Its columns are a, c.',
    ]);
    expect((await read('a,b,b\n1,2,3\n')).problems).toEqual([
      'rows.csv:1 has two columns b. Keep one of them.',
    ]);
    expect((await read('')).problems).toEqual([
      'rows.csv:1 has no heading. Name its columns in the first line: a, b.',
    ]);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { RowProblem } from '../problems.js';
import { sniff } from './dialect.js';
import { problemFile, writeProblems } from './result-file.js';
import { readRows } from './rows.js';

const folder = mkdtempSync(join(tmpdir(), 'clientforge-result-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'result.csv');

const problem = (line: number, value: string): RowProblem => ({
  file: 'rows.csv',
  line,
  column: 'note',
  value,
  rule: 'number',
  message: 'is no number',
  remedy: 'Write "1", say.',
});

async function readBack() {
  const rows: Record<string, string>[] = [];
  for await (const { cells } of readRows(path, await sniff(path), {}, () => undefined)) {
    rows.push({ ...cells });
  }
  return rows;
}

describe('the file of rejected rows', () => {
  it('opens in a spreadsheet, calculates nothing and can be read back', async () => {
    const values = ['=cmd|x', '+1', '-1', '@a', '\tb', '＝c', 'two\nlines', 'ä "x", y', ''];
    const count = await writeProblems(
      path,
      values.map((value, n) => problem(n + 2, value)),
    );
    expect(count).toBe(values.length);
    const text = readFileSync(path, 'utf8');
    expect(text.startsWith("\ufeffline,column,value,rule,message,remedy\r\n2,note,'=cmd|x,")).toBe(
      true,
    );
    const rows = await readBack();
    expect(rows.map(({ value }) => value)).toEqual([
      ...["'=cmd|x", "'+1", "'-1", "'@a", "'\tb", "'＝c"],
      ...['two\nlines', 'ä "x", y', ''],
    ]);
    expect(rows[0]).toMatchObject({ line: '2', remedy: 'Write "1", say.' });
  });

  it('goes on where it ended', async () => {
    await writeProblems(path, [problem(2, 'a')]);
    const file = await problemFile(path, { append: true });
    await file.write(problem(3, 'b'));
    await file.close();
    expect((await readBack()).map(({ line }) => line)).toEqual(['2', '3']);
  });

  it('is begun by going on with an empty one, and says when it cannot be written', async () => {
    writeFileSync(path, '');
    await (await problemFile(path, { append: true })).close();
    expect(readFileSync(path, 'utf8')).toMatch(/^\ufeffline,/);
    await expect(problemFile(join(folder, 'none', 'x.csv'))).rejects.toThrow('ENOENT');
  });
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { rowsOf } from './rows.js';
import { textOf } from './source.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Pieces of a file of so many rows, which never exists as a whole. */
async function* generated(rows: number, tail = '') {
  yield Buffer.from('id,name,note\n');
  for (let n = 0; n < rows; n += 1000) {
    const lines = Array.from({ length: 1000 }, (_, k) => `${n + k},"Name, of ${n + k}",some note`);
    yield Buffer.from(`${lines.join('\n')}\n`);
  }
  yield Buffer.from(tail);
}

async function growthOver(chunks: AsyncIterable<Uint8Array>) {
  const file = { name: 'rows.csv', share: 0 };
  const problems: string[] = [];
  let rows = 0;
  let most = 0;
  collect();
  const before = process.memoryUsage().heapUsed;
  const source = rowsOf(file, textOf(chunks, 'utf-8'), ',', {}, ({ rule }) => problems.push(rule));
  for await (const _ of source) {
    rows += 1;
    if (rows % 50_000 !== 0) continue;
    collect();
    most = Math.max(most, process.memoryUsage().heapUsed - before);
  }
  return { rows, problems, megabytes: most / 1e6 };
}

describe('reading', () => {
  it('holds no more of 300,000 rows than of a few', async () => {
    const { rows, problems, megabytes } = await growthOver(generated(300_000));
    expect([rows, problems]).toEqual([300_000, []]);
    expect(megabytes).toBeLessThan(8);
  });

  it('lets go of a cell that is too long while it comes', async () => {
    async function* huge() {
      yield* generated(1000, '1,"');
      for (let n = 0; n < 400; n++) yield Buffer.alloc(128 * 1024, 'long ');
      yield Buffer.from('",2\n');
      yield* generated(50_000);
    }
    const { rows, problems, megabytes } = await growthOver(huge());
    // The second heading is a row like any other.
    expect([rows, problems]).toEqual([51_001, ['size']]);
    expect(megabytes).toBeLessThan(8);
  });
});

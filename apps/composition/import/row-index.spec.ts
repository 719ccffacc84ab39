import { describe, expect, it } from '@jest/globals';
import { hashId } from '#kernel/ids';
import { Outcomes } from './outcomes.js';
import { RowIndex } from './row-index.js';

describe('the memory of rows', () => {
  it('finds each id with its number, however many there are', () => {
    const index = new RowIndex();
    const id = (n: number) => hashId('row', String(n));
    for (let n = 1; n <= 20_000; n++) index.set(id(n), n);
    expect(index.size).toBe(20_000);
    for (let n = 1; n <= 20_000; n += 97) expect(index.get(id(n))).toBe(n);
    expect(index.get(id(0))).toBeUndefined();
    index.set(id(5), 7);
    expect([index.size, index.get(id(5))]).toEqual([20_000, 7]);
  });

  it('keeps what became of each line, and counts a line once', () => {
    const outcomes = new Outcomes();
    outcomes.set(2, 'created');
    outcomes.set(70_000, 'unchanged');
    outcomes.set(2, 'rejected');
    expect([outcomes.get(2), outcomes.get(3), outcomes.get(70_000)]).toEqual([
      'rejected',
      undefined,
      'unchanged',
    ]);
    expect(outcomes.counts).toEqual({ created: 0, changed: 0, unchanged: 1, rejected: 1 });
  });
});

import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gather } from './gather.js';

describe('questions gathered', () => {
  it('go in one call when they are asked at the same moment', async () => {
    const calls: (readonly number[])[] = [];
    const gather = new Gather(async (numbers: readonly number[]) => {
      calls.push(numbers);
      return numbers.map((n) => n * 2);
    });
    expect(await Promise.all([1, 2, 3].map((n) => gather.one(n)))).toEqual([2, 4, 6]);
    expect(await gather.one(4)).toBe(8);
    expect(calls).toEqual([[1, 2, 3], [4]]);
  });

  it('wait while three calls are under way, and then go together', async () => {
    const open: (() => void)[] = [];
    const sizes: number[] = [];
    const gather = new Gather(async (numbers: readonly number[]) => {
      sizes.push(numbers.length);
      await new Promise<void>((done) => open.push(done));
      return numbers;
    });
    const answers: Promise<number>[] = [];
    for (let n = 0; n < 3; n++) {
      answers.push(gather.one(n));
      while (sizes.length === n) await new Promise(setImmediate);
    }
    answers.push(...[3, 4, 5].map((n) => gather.one(n)));
    await sleep(20);
    expect(sizes).toEqual([1, 1, 1]);
    open.splice(0).forEach((done) => done());
    while (open.length === 0) await new Promise(setImmediate);
    open.splice(0).forEach((done) => done());
    expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(sizes).toEqual([1, 1, 1, 3]);
  });

  it('of a call that fails are asked each by itself', async () => {
    const gather = new Gather(async (numbers: readonly number[]) => {
      if (numbers.includes(2)) throw new Error('two');
      return numbers;
    });
    const answers = await Promise.allSettled([1, 2, 3].map((n) => gather.one(n)));
    expect(answers).toMatchObject([{ value: 1 }, { reason: { message: 'two' } }, { value: 3 }]);
  });
});

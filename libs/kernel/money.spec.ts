import { describe, expect, it } from '@jest/globals';
import { fitsMoney, moneyOf, percentOf, ratioOf } from './money.js';

describe('money', () => {
  it('rounds halves away from zero', () => {
    expect(ratioOf(5n, 1n, 2n)).toBe(3n);
    expect(ratioOf(-5n, 1n, 2n)).toBe(-3n);
    expect(ratioOf(4n, 1n, 3n)).toBe(1n);
    expect(ratioOf(-4n, 1n, 3n)).toBe(-1n);
  });

  it('takes a percentage in the same currency', () => {
    expect(percentOf(moneyOf(105_450n, 'EUR'), 35)).toEqual(moneyOf(36_908n, 'EUR'));
    expect(percentOf(moneyOf(-150n, 'EUR'), 1)).toEqual(moneyOf(-2n, 'EUR'));
  });

  it('stays exact beyond the range of floats and knows the limit', () => {
    expect(percentOf(moneyOf(999_999_999_999_999_999n, 'USD'), 100).amountMinor).toBe(
      '999999999999999999',
    );
    expect(fitsMoney(-999_999_999_999_999_999n)).toBe(true);
    expect(fitsMoney(1_000_000_000_000_000_000n)).toBe(false);
  });
});

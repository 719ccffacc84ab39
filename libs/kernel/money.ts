import type { Money } from './fields.js';

/** The most digits an amount may have. */
const MAX_DIGITS = 18;

export function minor(amount: Money): bigint {
  return BigInt(amount.amountMinor);
}

export function moneyOf(amountMinor: bigint, currency: string): Money {
  return { amountMinor: amountMinor.toString(), currency };
}

/** Whether the amount has no more digits than an event takes. */
export function fitsMoney(amountMinor: bigint): boolean {
  return amountMinor.toString().replace('-', '').length <= MAX_DIGITS;
}

/**
 * value × numerator ÷ denominator in whole minor units, halves rounded away from zero
 * (commercial rounding): 2.5 becomes 3 and -2.5 becomes -3.
 */
export function ratioOf(value: bigint, numerator: bigint, denominator: bigint): bigint {
  const product = value * numerator;
  const half = denominator / 2n;
  return (product < 0n ? product - half : product + half) / denominator;
}

/** A percentage of an amount, rounded as `ratioOf` does. */
export function percentOf(amount: Money, percent: number): Money {
  return moneyOf(ratioOf(minor(amount), BigInt(percent), 100n), amount.currency);
}

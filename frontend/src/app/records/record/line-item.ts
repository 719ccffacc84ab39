import type { Money } from '../../../ui/format';

/** One line of a deal as the API gives it. */
export interface LineItem {
  readonly lineId: string;
  readonly productId: string | null;
  readonly description: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  /** Whole percent taken off the line. */
  readonly discountPercent: number;
  readonly total: Money;
}

const sent = ['productId', 'description', 'quantity', 'unitPrice', 'discountPercent'];

/** The part of a line that commands take; what is empty is left out. */
export function inputOf(line: object): object {
  const given = Object.entries(line).filter(
    ([name, value]) => sent.includes(name) && value !== null && value !== undefined && value !== '',
  );
  return Object.fromEntries(given);
}

/** Sum of the lines; the API lets a deal have one currency only. */
export function sumOf(lines: readonly LineItem[]): Money | null {
  const [first] = lines;
  if (!first) return null;
  const minor = lines.reduce((sum, { total }) => sum + BigInt(total.amountMinor), 0n);
  return { amountMinor: String(minor), currency: first.total.currency };
}

import type { LineItem } from '#event-schemas/sales/line-items';
import { linesAmount, linesTotal, MAX_LINE_ITEMS } from '#event-schemas/sales/line-items';
import type { Money } from '#kernel/fields';
import { fitsMoney } from '#kernel/money';
import { missingReferences } from '#kernel/record-rules';
import type { Refusal } from '#kernel/refusal';
import type { ProductState } from '../product/product.js';
import { refuse } from './deal-rules.js';

/** What stands against selling this product, if anything. */
export function productProblem(
  productId: string | null | undefined,
  product: ProductState | undefined,
): Refusal | undefined {
  if (!productId || !product) return undefined;
  const facts = { productId: { status: product.status } };
  const missing = missingReferences({ productId }, { productId: 'product' }, facts);
  if (missing) return missing;
  const sold = product.status === 'active' && product.values.isActive !== false;
  return sold ? undefined : refuse('PRODUCT_UNAVAILABLE');
}

/** What is wrong with these lines taken together, if anything. */
export function linesProblem(items: readonly LineItem[]): Refusal | undefined {
  if (items.length > MAX_LINE_ITEMS) return refuse('TOO_MANY_LINE_ITEMS');
  const currencies = [...new Set(items.map(({ unitPrice }) => unitPrice.currency))];
  if (currencies.length > 1) {
    return refuse('MIXED_CURRENCIES', {
      field: 'unitPrice',
      rule: 'currency',
      message: `The lines would be in ${currencies.join(' and ')}.`,
      remedy: `Give the price in ${currencies[0]}, or make a deal of its own.`,
    });
  }
  return fitsMoney(linesTotal(items)) ? undefined : refuse('AMOUNT_TOO_LARGE');
}

/** The amount of the deal with these lines; the one entered by hand when there are none. */
export function amountWith(items: readonly LineItem[], manual: Money | null): Money | null {
  return linesAmount(items) ?? manual;
}

import {
  integer,
  money,
  nullable,
  object,
  text,
  uuid,
  type Money,
  type Static,
} from '#kernel/fields';
import { minor, moneyOf, ratioOf } from '#kernel/money';

/** What a deal sells: a product or anything described, so many pieces at a price. */
export const lineItemFields = {
  productId: nullable(uuid({ description: 'Product sold; null for anything else.' })),
  description: text(500, { description: 'What is sold; the product’s name when left out.' }),
  quantity: integer(1, 1_000_000, { description: 'Pieces.' }),
  unitPrice: money({ description: 'Price of one piece; the product’s when left out.' }),
  discountPercent: integer(0, 100, { description: 'Discount on the line in percent.' }),
};
/** Most line items a deal may have. */
export const MAX_LINE_ITEMS = 200;
export const linePosition = () =>
  integer(0, MAX_LINE_ITEMS - 1, {
    description: 'Place among the lines, from 0; last if left out.',
  });
export const lineItemSchema = { lineId: uuid(), ...lineItemFields };
export type LineItem = Static<ReturnType<typeof lineItem>>;
export const lineItem = () => object(lineItemSchema, { title: 'LineItem' });

/** A line as the read model shows it. */
export const pricedLineItem = () =>
  object(
    { ...lineItemSchema, total: money({ description: 'What the line comes to.' }) },
    { title: 'DealLineItem' },
  );

/**
 * quantity × unit price less the discount, in minor units. Each line is rounded by itself, halves
 * away from zero, so that the lines of an offer add up to its sum.
 */
export function lineTotal({ quantity, unitPrice, discountPercent }: LineItem): bigint {
  return ratioOf(minor(unitPrice) * BigInt(quantity), BigInt(100 - discountPercent), 100n);
}

/** The sum of the lines in minor units; they share a currency. */
export function linesTotal(items: readonly LineItem[]): bigint {
  return items.reduce((sum, item) => sum + lineTotal(item), 0n);
}

/** The amount of the lines, or null when there are none. */
export function linesAmount(items: readonly LineItem[]): Money | null {
  return items[0] ? moneyOf(linesTotal(items), items[0].unitPrice.currency) : null;
}

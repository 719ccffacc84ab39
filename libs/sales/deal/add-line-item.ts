import type { DealEvent } from '#event-schemas/sales/deal.events';
import { lineItemFields, linePosition } from '#event-schemas/sales/line-items';
import { defineCommand, stateOf, type Decision } from '#kernel/command';
import { object, optional, uuid } from '#kernel/fields';
import { isRefusal } from '#kernel/refusal';
import { product } from '../product/product.js';
import { deal } from './deal.js';
import { amountFollows } from './deal-inverses.js';
import { openDeal, refuse } from './deal-rules.js';
import { amountWith, linesProblem, productProblem } from './line-item-rules.js';

export const addLineItem = defineCommand({
  name: 'AddLineItem',
  description: 'Adds a line item to an open deal; its amount then follows the line items.',
  aggregate: deal,
  permission: 'deals:update',
  changes: ['amount'],
  rest: { method: 'POST', path: '/deals/:id/line-items' },
  input: object({
    productId: optional(lineItemFields.productId),
    description: optional(lineItemFields.description),
    quantity: optional(lineItemFields.quantity),
    unitPrice: optional(lineItemFields.unitPrice),
    discountPercent: optional(lineItemFields.discountPercent),
    lineId: optional(uuid({ description: 'Id of the new line; made up when left out.' })),
    position: optional(linePosition()),
  }),
  facts: ({ productId }) => ({ product: productId ? stateOf(product, productId) : undefined }),
  decide({ productId, lineId, position, ...input }, state, ctx): Decision<DealEvent> {
    const found = openDeal(state);
    if (isRefusal(found)) return found;
    if (found.lineItems.some((item) => item.lineId === lineId)) return refuse('LINE_ITEM_EXISTS');
    const sold = ctx.facts.product;
    const unsold = productProblem(productId, sold);
    if (unsold) return unsold;
    const known = productId && sold.status !== 'absent' ? sold.values : undefined;
    const description = input.description ?? known?.name;
    const unitPrice = input.unitPrice ?? known?.unitPrice;
    if (!description || !unitPrice) {
      const field = description ? 'unitPrice' : 'description';
      return refuse('LINE_ITEM_INCOMPLETE', {
        field,
        rule: 'required',
        message: `There is no ${field}, and no product that has one.`,
        remedy: `Give ${field}.`,
      });
    }
    const line = {
      lineId: lineId ?? ctx.newId(0),
      productId: productId ?? null,
      description,
      quantity: input.quantity ?? 1,
      unitPrice,
      discountPercent: input.discountPercent ?? 0,
    };
    const items = [...found.lineItems, line];
    const problem = linesProblem(items);
    if (problem) return problem;
    const amount = amountWith(items, found.manualAmount);
    const place = position === undefined ? {} : { position };
    return [{ type: 'DealLineItemAdded', data: { dealId: ctx.id, ...line, amount, ...place } }];
  },
  inverse: {
    undoneBy: 'RemoveLineItem',
    input: ({ events }) => ({
      lineId: (events[0]!.data as { lineId: string }).lineId,
    }),
    derived: amountFollows,
  },
});

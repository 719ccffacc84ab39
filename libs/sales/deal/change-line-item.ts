import type { DealEvent } from '#event-schemas/sales/deal.events';
import { lineItemFields } from '#event-schemas/sales/line-items';
import { defineCommand, stateOf, type Decision } from '#kernel/command';
import { flag, object, optional, uuid } from '#kernel/fields';
import { formerValues } from '#kernel/inverse';
import { changedFields } from '#kernel/record-rules';
import { isRefusal } from '#kernel/refusal';
import { product } from '../product/product.js';
import { deal, type LivingDeal } from './deal.js';
import { amountFollows } from './deal-inverses.js';
import { activeDeal, openDeal, refuse } from './deal-rules.js';
import { amountWith, linesProblem, productProblem } from './line-item-rules.js';

/** Another product changes neither text nor price by itself: send those as well. */
export const changeLineItem = defineCommand({
  name: 'ChangeLineItem',
  description:
    'Changes a line item of an open deal, or corrects one of a closed deal; what is left out stays.',
  aggregate: deal,
  permission: 'deals:update',
  changes: ['amount'],
  rest: { method: 'PATCH', path: '/deals/:id/line-items/:lineId' },
  input: object({
    lineId: uuid(),
    productId: optional(lineItemFields.productId),
    description: optional(lineItemFields.description),
    quantity: optional(lineItemFields.quantity),
    unitPrice: optional(lineItemFields.unitPrice),
    discountPercent: optional(lineItemFields.discountPercent),
    correction: optional(
      flag({ description: 'Corrects what a closed deal was closed with; it stays closed.' }),
    ),
  }),
  facts: ({ productId }) => ({ product: productId ? stateOf(product, productId) : undefined }),
  decide({ lineId, correction, ...input }, state, ctx): Decision<DealEvent> {
    const found = correction ? activeDeal(state) : openDeal(state);
    if (isRefusal(found)) return found;
    const before = found.lineItems.find((item) => item.lineId === lineId);
    if (!before) return refuse('LINE_ITEM_NOT_FOUND');
    const changes = changedFields(before, input, Object.keys(lineItemFields));
    if (Object.keys(changes).length === 0) return [];
    // A line keeps the product it has, even one that is no longer sold.
    const unsold = 'productId' in changes && productProblem(input.productId, ctx.facts.product);
    if (unsold) return unsold;
    const items = found.lineItems.map((item) =>
      item.lineId === lineId ? { ...item, ...changes } : item,
    );
    const problem = linesProblem(items);
    if (problem) return problem;
    const amount = amountWith(items, found.manualAmount);
    return [{ type: 'DealLineItemChanged', data: { dealId: ctx.id, lineId, ...changes, amount } }];
  },
  inverse: {
    undoneBy: 'ChangeLineItem',
    input: ({ command: { lineId, correction }, before, events }) => {
      const line = (before as LivingDeal).lineItems.find((item) => item.lineId === lineId)!;
      const former = { ...formerValues(events[0]!.data, line), lineId };
      return correction === undefined ? former : { ...former, correction };
    },
    derived: amountFollows,
  },
});

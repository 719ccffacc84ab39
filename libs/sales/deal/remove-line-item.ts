import type { DealEvent } from '#event-schemas/sales/deal.events';
import { defineCommand, type Decision } from '#kernel/command';
import { object, uuid } from '#kernel/fields';
import { isRefusal } from '#kernel/refusal';
import { deal, type LivingDeal } from './deal.js';
import { amountFollows } from './deal-inverses.js';
import { openDeal, refuse } from './deal-rules.js';
import { amountWith } from './line-item-rules.js';

export const removeLineItem = defineCommand({
  name: 'RemoveLineItem',
  description: 'Removes a line item; after the last one the amount entered by hand counts again.',
  aggregate: deal,
  permission: 'deals:update',
  changes: ['amount'],
  rest: { method: 'DELETE', path: '/deals/:id/line-items/:lineId' },
  input: object({ lineId: uuid() }),
  decide({ lineId }, state, ctx): Decision<DealEvent> {
    const found = openDeal(state);
    if (isRefusal(found)) return found;
    const items = found.lineItems.filter((item) => item.lineId !== lineId);
    if (items.length === found.lineItems.length) return refuse('LINE_ITEM_NOT_FOUND');
    const amount = amountWith(items, found.manualAmount);
    return [{ type: 'DealLineItemRemoved', data: { dealId: ctx.id, lineId, amount } }];
  },
  inverse: {
    undoneBy: 'AddLineItem',
    input: ({ command: { lineId }, before }) => {
      const items = (before as LivingDeal).lineItems;
      const position = items.findIndex((item) => item.lineId === lineId);
      return { ...items[position]!, position };
    },
    derived: amountFollows,
  },
});

import { MAX_LINE_ITEMS } from '#event-schemas/sales/line-items';
import { recordRefusals, requireActive } from '#kernel/record-rules';
import { isRefusal, refuseWith, type Refusal } from '#kernel/refusal';
import type { DealState, LivingDeal, OpenDeal } from './deal.js';

export const refuse = refuseWith({
  ...recordRefusals,
  PIPELINE_ARCHIVED: {
    category: 'rule',
    message: 'The pipeline is archived and takes no more deals.',
  },
  STAGE_NOT_IN_PIPELINE: { category: 'rule', message: 'The pipeline has no such stage.' },
  STAGE_REQUIRES_FIELDS: {
    category: 'rule',
    message: 'The stage asks for fields that are empty.',
  },
  STAGE_CLOSES_DEAL: { category: 'rule', message: 'This needs an open stage.' },
  DEAL_CLOSED: { category: 'rule', message: 'The deal is closed; reopen it first.' },
  DEAL_OPEN: { category: 'rule', message: 'The deal is open already.' },
  LOST_REASON_REQUIRED: { category: 'rule', message: 'Say why the deal was lost.' },
  CLOSE_DATE_IN_FUTURE: { category: 'rule', message: 'A deal cannot be closed in the future.' },
  AMOUNT_FOLLOWS_ITEMS: {
    category: 'rule',
    message: 'The amount follows the line items; change those.',
  },
  AMOUNT_TOO_LARGE: { category: 'rule', message: 'The amount has more than 18 digits.' },
  LINE_ITEM_NOT_FOUND: { category: 'missing', message: 'The deal has no such line item.' },
  LINE_ITEM_EXISTS: { category: 'conflict', message: 'The deal has a line item with this id.' },
  LINE_ITEM_INCOMPLETE: {
    category: 'rule',
    message: 'A line item needs a description and a price.',
  },
  TOO_MANY_LINE_ITEMS: {
    category: 'rule',
    message: `A deal has at most ${MAX_LINE_ITEMS} line items.`,
  },
  MIXED_CURRENCIES: {
    category: 'rule',
    message: 'The line items of a deal share one currency.',
  },
  PRODUCT_UNAVAILABLE: { category: 'rule', message: 'The product is archived or not active.' },
});

/** The deal, when it may be changed. */
export function activeDeal(state: DealState): LivingDeal | Refusal {
  return requireActive(state) ?? (state as LivingDeal);
}

/** The deal, when it may be changed and is still open. */
export function openDeal(state: DealState): OpenDeal | Refusal {
  const found = activeDeal(state);
  if (isRefusal(found) || found.outcome === 'open') return found;
  return refuse('DEAL_CLOSED', {
    rule: 'open',
    message: `The deal is ${found.outcome}.`,
    remedy: 'Reopen the deal, then try again.',
  });
}

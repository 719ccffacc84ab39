import { closeDate, dealFields, dealLife, type DealEvent } from '#event-schemas/sales/deal.events';
import { defineCommand, stateOf, type Decision } from '#kernel/command';
import { nullable, object, optional } from '#kernel/fields';
import { changedFields } from '#kernel/record-rules';
import { isRefusal } from '#kernel/refusal';
import { firstStage, pipeline } from '../pipeline/pipeline.js';
import { deal, type OpenDeal } from './deal.js';
import { wayBack } from './deal-inverses.js';
import { openDeal, refuse } from './deal-rules.js';
import { enterStage, pipelineOf } from './stage-moves.js';

export const winDeal = defineCommand({
  name: 'WinDeal',
  description: 'Wins an open deal and moves it to the first won stage of its pipeline.',
  aggregate: deal,
  permission: 'deals:update',
  rest: { method: 'POST', path: '/deals/:id/win' },
  input: object({
    actualCloseDate: optional(nullable(closeDate())),
    amount: optional(dealFields.optional.amount),
  }),
  facts: (_command, state) => {
    const pipelineId = pipelineOf(state);
    return { pipeline: pipelineId ? stateOf(pipeline, pipelineId) : undefined };
  },
  decide({ amount, ...closing }, state, ctx): Decision<DealEvent> {
    const found = openDeal(state);
    if (isRefusal(found)) return found;
    const changes = changedFields({ ...found.values }, { amount }, ['amount']);
    const changed = Object.keys(changes).length > 0;
    if (changed && found.lineItems.length > 0) return refuse('AMOUNT_FOLLOWS_ITEMS');
    const after = { ...found, values: { ...found.values, ...changes } } as OpenDeal;
    // Every pipeline has a won stage, whatever became of it since.
    const stage = firstStage(ctx.facts.pipeline, 'won')!;
    const events = enterStage(after, found.pipelineId, stage, closing, ctx);
    if (isRefusal(events) || !changed) return events;
    return [dealLife.fact('changed', ctx.id, changes), ...events];
  },
  inverse: wayBack,
});

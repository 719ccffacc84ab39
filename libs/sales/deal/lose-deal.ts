import { closeDate, lostReason, type DealEvent } from '#event-schemas/sales/deal.events';
import { defineCommand, stateOf, type Decision } from '#kernel/command';
import { nullable, object, optional } from '#kernel/fields';
import { isRefusal } from '#kernel/refusal';
import { firstStage, pipeline } from '../pipeline/pipeline.js';
import { deal } from './deal.js';
import { wayBack } from './deal-inverses.js';
import { openDeal } from './deal-rules.js';
import { enterStage, pipelineOf } from './stage-moves.js';

export const loseDeal = defineCommand({
  name: 'LoseDeal',
  description: 'Loses an open deal and moves it to the first lost stage of its pipeline.',
  aggregate: deal,
  permission: 'deals:update',
  rest: { method: 'POST', path: '/deals/:id/lose' },
  input: object({
    lostReason: lostReason(),
    actualCloseDate: optional(nullable(closeDate())),
  }),
  facts: (_command, state) => {
    const pipelineId = pipelineOf(state);
    return { pipeline: pipelineId ? stateOf(pipeline, pipelineId) : undefined };
  },
  decide(closing, state, ctx): Decision<DealEvent> {
    const found = openDeal(state);
    if (isRefusal(found)) return found;
    // Every pipeline has a lost stage, whatever became of it since.
    const stage = firstStage(ctx.facts.pipeline, 'lost')!;
    return enterStage(found, found.pipelineId, stage, closing, ctx);
  },
  inverse: wayBack,
});

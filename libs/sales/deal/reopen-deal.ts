import type { DealEvent } from '#event-schemas/sales/deal.events';
import { defineCommand, stateOf, type Decision } from '#kernel/command';
import { object, optional, uuid } from '#kernel/fields';
import { isRefusal } from '#kernel/refusal';
import { firstStage, liveStage, pipeline } from '../pipeline/pipeline.js';
import { deal } from './deal.js';
import { closedAgain } from './deal-inverses.js';
import { activeDeal, refuse } from './deal-rules.js';
import { movedTo, openStageFor, pipelineOf, stageFactsOf } from './stage-moves.js';

/** A reopened deal asks for no fields again: it has been in the pipeline before. */
export const reopenDeal = defineCommand({
  name: 'ReopenDeal',
  description: 'Opens a won or lost deal again, in the stage it came from unless told otherwise.',
  aggregate: deal,
  permission: 'deals:update',
  rest: { method: 'POST', path: '/deals/:id/reopen' },
  input: object({ stageId: optional(uuid({ description: 'Open stage to go to.' })) }),
  facts: (_command, state) => {
    const pipelineId = pipelineOf(state);
    return { pipeline: pipelineId ? stateOf(pipeline, pipelineId) : undefined };
  },
  decide({ stageId }, state, ctx): Decision<DealEvent> {
    const found = activeDeal(state);
    if (isRefusal(found)) return found;
    if (found.outcome === 'open') return refuse('DEAL_OPEN');
    const before = liveStage(ctx.facts.pipeline, found.openStageId);
    // Every pipeline has an open stage, should the one before be gone.
    const stage = stageId
      ? openStageFor(ctx.facts.pipeline, stageId)
      : (before ?? firstStage(ctx.facts.pipeline, 'open')!);
    if (isRefusal(stage)) return stage;
    return [
      { type: 'DealReopened', data: { dealId: ctx.id } },
      ...movedTo(found, ctx.id, stageFactsOf(found.pipelineId, stage)),
    ];
  },
  inverse: closedAgain,
});

import { closeDate, lostReason, type DealEvent } from '#event-schemas/sales/deal.events';
import { defineCommand, stateOf, type Decision } from '#kernel/command';
import { nullable, object, optional, uuid } from '#kernel/fields';
import { isRefusal } from '#kernel/refusal';
import { pipeline } from '../pipeline/pipeline.js';
import { deal } from './deal.js';
import { wayBack } from './deal-inverses.js';
import { openDeal } from './deal-rules.js';
import { enterStage, pipelineOf, pipelineProblem, stageFor } from './stage-moves.js';

/** The pipeline of a deal may be archived: what is in it can still be brought to an end. */
export const moveDealToStage = defineCommand({
  name: 'MoveDealToStage',
  description: 'Moves an open deal to a stage; a won or lost stage closes it.',
  aggregate: deal,
  permission: 'deals:update',
  rest: { method: 'PUT', path: '/deals/:id/stage' },
  input: object({
    stageId: uuid(),
    pipelineId: optional(uuid({ description: 'Another pipeline; the deal’s own when left out.' })),
    lostReason: optional(nullable(lostReason())),
    actualCloseDate: optional(nullable(closeDate())),
  }),
  facts: ({ pipelineId }, state) => {
    const wanted = pipelineOf(state, pipelineId);
    return { pipeline: wanted ? stateOf(pipeline, wanted) : undefined };
  },
  decide({ stageId, pipelineId: given, ...closing }, state, ctx): Decision<DealEvent> {
    const found = openDeal(state);
    if (isRefusal(found)) return found;
    const pipelineId = given ?? found.pipelineId;
    const here = pipelineId === found.pipelineId;
    if (here && stageId === found.stageId) return [];
    const problem = here ? undefined : pipelineProblem(pipelineId, ctx.facts.pipeline);
    if (problem) return problem;
    const stage = stageFor(ctx.facts.pipeline, stageId);
    return isRefusal(stage) ? stage : enterStage(found, pipelineId, stage, closing, ctx);
  },
  inverse: wayBack,
});

import type { PipelineEvent } from '#event-schemas/sales/pipeline.events';
import { liveStages } from '#event-schemas/sales/stages';
import { defineCommand, matchesIn, type Decision } from '#kernel/command';
import { object, uuid } from '#kernel/fields';
import { requireActive } from '#kernel/record-rules';
import { liveStage, pipeline, stagesOf } from './pipeline.js';
import { refuse, stageProblem } from './stage-rules.js';

/**
 * A removed stage takes no more deals but stays known. That open deals are gone is looked up in
 * the read model; one that slips in at that moment keeps its stage and can still be moved on.
 */
export const removeStage = defineCommand({
  name: 'RemoveStage',
  description: 'Removes a stage that holds no open deals; closed deals still show its name.',
  aggregate: pipeline,
  permission: 'pipelines:update',
  rest: { method: 'DELETE', path: '/pipelines/:id/stages/:stageId' },
  input: object({ stageId: uuid() }),
  facts: ({ stageId }) => ({ openDeals: matchesIn('deals', { stageId, status: 'open' }) }),
  decide({ stageId }, state, ctx): Decision<PipelineEvent> {
    const refused = requireActive(state);
    if (refused) return refused;
    if (!liveStage(state, stageId)) return refuse('STAGE_NOT_FOUND');
    const problem = stageProblem(
      liveStages(stagesOf(state)).filter((one) => one.stageId !== stageId),
    );
    if (problem) return problem;
    if (ctx.facts.openDeals.length > 0) {
      return refuse(
        'STAGE_IN_USE',
        ...ctx.facts.openDeals.map(({ id, label }) => ({
          field: 'stageId',
          rule: 'in-use',
          message: `${label} (${id}) is in this stage.`,
          remedy: 'Move the deal to another stage.',
          value: id,
        })),
      );
    }
    return [{ type: 'PipelineStageRemoved', data: { pipelineId: ctx.id, stageId } }];
  },
  inverse: {
    undoneBy: 'AddStage',
    input: ({ command: { stageId }, before }) => {
      const { removed: _, ...stage } = liveStage(before, stageId)!;
      return stage;
    },
    derived: ['stages.*.position'],
  },
});

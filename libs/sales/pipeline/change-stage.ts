import type { PipelineEvent } from '#event-schemas/sales/pipeline.events';
import { liveStages, stageFields } from '#event-schemas/sales/stages';
import { defineCommand, type Decision } from '#kernel/command';
import { object, optional, uuid } from '#kernel/fields';
import { formerValues } from '#kernel/inverse';
import { changedFields, requireActive } from '#kernel/record-rules';
import { liveStage, pipeline, stagesOf } from './pipeline.js';
import { refuse, stageProblem } from './stage-rules.js';

/** The kind stays: deals that entered the stage have been won or lost by it. */
export const changeStage = defineCommand({
  name: 'ChangeStage',
  description: 'Renames a stage or changes its probability and requirements.',
  aggregate: pipeline,
  permission: 'pipelines:update',
  rest: { method: 'PATCH', path: '/pipelines/:id/stages/:stageId' },
  input: object({
    stageId: uuid(),
    name: optional(stageFields.name),
    probability: optional(stageFields.probability),
    requiredFields: optional(stageFields.requiredFields),
    rottingDays: optional(stageFields.rottingDays),
  }),
  decide({ stageId, ...input }, state, ctx): Decision<PipelineEvent> {
    const refused = requireActive(state);
    if (refused) return refused;
    const before = liveStage(state, stageId);
    if (!before) return refuse('STAGE_NOT_FOUND');
    const wanted = input.name === undefined ? input : { ...input, name: input.name.trim() };
    const changes = changedFields({ ...before }, wanted, Object.keys(stageFields));
    if (Object.keys(changes).length === 0) return [];
    const after = liveStages(stagesOf(state)).map((one) =>
      one.stageId === stageId ? { ...one, ...changes } : one,
    );
    const problem = stageProblem(after);
    if (problem) return problem;
    return [{ type: 'PipelineStageChanged', data: { pipelineId: ctx.id, stageId, ...changes } }];
  },
  inverse: {
    undoneBy: 'ChangeStage',
    input: ({ command: { stageId }, before, events }) => ({
      ...formerValues(events[0]!.data, liveStage(before, stageId)!),
      stageId,
    }),
  },
});

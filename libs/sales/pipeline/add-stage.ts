import type { PipelineEvent } from '#event-schemas/sales/pipeline.events';
import { liveStages, stageInput, stageSchema } from '#event-schemas/sales/stages';
import { defineCommand, type Decision } from '#kernel/command';
import { object, optional, uuid } from '#kernel/fields';
import { requireActive } from '#kernel/record-rules';
import { pipeline, stagesOf } from './pipeline.js';
import { completeStage, returnProblem, stageProblem } from './stage-rules.js';

/** Adds a stage; without a position, open ones follow the last open stage, others come last. */
export const addStage = defineCommand({
  name: 'AddStage',
  description: 'Adds a stage to a pipeline.',
  aggregate: pipeline,
  permission: 'pipelines:update',
  rest: { method: 'POST', path: '/pipelines/:id/stages' },
  input: object({
    ...stageInput,
    position: optional(stageSchema.position),
    stageId: optional(uuid({ description: 'A removed stage to bring back; its kind stays.' })),
  }),
  decide({ position: wanted, stageId, ...given }, state, ctx): Decision<PipelineEvent> {
    const refused = requireActive(state);
    if (refused) return refused;
    const known = stagesOf(state).find((one) => one.stageId === stageId);
    const problemBack = stageId ? returnProblem(known, given.kind) : undefined;
    if (problemBack) return problemBack;
    const input = known ? { ...given, kind: known.kind } : given;
    const live = liveStages(stagesOf(state));
    const afterOpen = live.findLastIndex(({ kind }) => kind === 'open') + 1;
    const fallback = (input.kind ?? 'open') === 'open' ? afterOpen : live.length;
    const position = Math.min(wanted ?? fallback, live.length);
    const added = completeStage(input, stageId ?? ctx.newId(0), position);
    const problem = stageProblem([...live, added]);
    if (problem) return problem;
    return [{ type: 'PipelineStageAdded', data: { pipelineId: ctx.id, ...added } }];
  },
  inverse: {
    undoneBy: 'RemoveStage',
    input: ({ events }) => ({
      stageId: (events[0]!.data as { stageId: string }).stageId,
    }),
    derived: ['stages.*.position'],
  },
});

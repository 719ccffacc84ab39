import type { PipelineEvent } from '#event-schemas/sales/pipeline.events';
import { liveStages } from '#event-schemas/sales/stages';
import { defineCommand, type Decision } from '#kernel/command';
import { list, object, uuid } from '#kernel/fields';
import { requireActive } from '#kernel/record-rules';
import { pipeline, stagesOf } from './pipeline.js';
import { MAX_STAGES, refuse } from './stage-rules.js';

export const reorderStages = defineCommand({
  name: 'ReorderStages',
  description: 'Puts the stages of a pipeline in another order.',
  aggregate: pipeline,
  permission: 'pipelines:update',
  rest: { method: 'PUT', path: '/pipelines/:id/stages/order' },
  input: object({
    stageIds: list(uuid(), MAX_STAGES, { description: 'Every stage, in the order wanted.' }),
  }),
  decide({ stageIds }, state, ctx): Decision<PipelineEvent> {
    const refused = requireActive(state);
    if (refused) return refused;
    const present = liveStages(stagesOf(state)).map((one) => one.stageId);
    const complete =
      stageIds.length === present.length && present.every((id) => stageIds.includes(id));
    if (!complete) {
      return refuse('STAGE_ORDER_INCOMPLETE', {
        field: 'stageIds',
        rule: 'permutation',
        message: `The pipeline has ${present.length} stages; name each of them once.`,
        remedy: 'Read the pipeline again and send all of its stages.',
      });
    }
    if (present.every((id, position) => stageIds[position] === id)) return [];
    return [{ type: 'PipelineStagesReordered', data: { pipelineId: ctx.id, stageIds } }];
  },
  inverse: {
    undoneBy: 'ReorderStages',
    // Only what it moved goes back, to where it came from; others stay where they are by now.
    input({ before, after }, now) {
      const [former, left, present] = [before, after, now].map((state) =>
        liveStages(stagesOf(state)).map(({ stageId }) => stageId),
      ) as [string[], string[], string[]];
      const moved = former.filter((id, position) => left[position] !== id);
      return {
        stageIds: present.map((id) => (moved.includes(id) ? former[left.indexOf(id)]! : id)),
      };
    },
  },
});

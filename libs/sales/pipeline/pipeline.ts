import type { Aggregate } from '#kernel/aggregate';
import type { FieldValues } from '#kernel/fields';
import type { Living } from '#kernel/record-life';
import {
  firstStages,
  foldStages,
  pipelineEvents,
  pipelineLife,
  type PipelineEvent,
  type pipelineFields,
} from '#event-schemas/sales/pipeline.events';
import { liveStages, type KnownStage, type Stage } from '#event-schemas/sales/stages';

export type PipelineState =
  | { readonly status: 'absent' }
  | (Living<FieldValues<typeof pipelineFields>> & { readonly stages: readonly KnownStage[] });

export const pipeline: Aggregate<PipelineState, PipelineEvent> = {
  category: 'pipeline',
  stateVersion: 1,
  initial: { status: 'absent' },
  events: pipelineEvents,
  lists: { stages: 'stageId' },
  evolve(state, event) {
    const stages = stagesOf(state);
    if (pipelineLife.isLife(event)) {
      const life = pipelineLife.foldState(state, event);
      const created = event.type === pipelineLife.names.created;
      return { ...life, stages: created ? firstStages(life.stages) : stages };
    }
    return state.status === 'absent' ? state : { ...state, stages: foldStages(stages, event) };
  },
  status: (state) => state.status,
  owner: (state) => (state.status === 'absent' ? null : state.ownerId),
};

/** Every stage the pipeline ever had. */
export function stagesOf(state: PipelineState): readonly KnownStage[] {
  return state.status === 'absent' ? [] : state.stages;
}

/** A stage deals may enter. */
export function liveStage(state: PipelineState, stageId: string): KnownStage | undefined {
  return liveStages(stagesOf(state)).find((one) => one.stageId === stageId);
}

/** The first live stage of a kind, by position. */
export function firstStage(state: PipelineState, kind: Stage['kind']): KnownStage | undefined {
  return liveStages(stagesOf(state)).find((one) => one.kind === kind);
}

import { defineEvent, type EventOf } from '#kernel/event';
import { flag, list, object, optional, recordFields, text, uuid } from '#kernel/fields';
import { recordLife } from '#kernel/record-life';
import {
  liveStages,
  stage,
  stageFields,
  stageSchema,
  type KnownStage,
  type Stage,
} from './stages.js';

/** The fields of a pipeline; its stages have events of their own. */
export const pipelineFields = recordFields(
  { name: text(100, { description: 'Name of the pipeline.', examples: ['New business'] }) },
  {
    isDefault: flag({
      description: 'Whether new deals start here unless told otherwise; one pipeline at most.',
    }),
    description: text(10_000),
  },
);

const PIPELINE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const STAGE_ID = '01890a5d-ac96-774b-bcce-b302099a8060';
const sampleStage = {
  stageId: STAGE_ID,
  name: 'Proposal',
  position: 0,
  probability: 50,
  kind: 'open',
  requiredFields: ['amount'],
  rottingDays: 14,
};

export const pipelineLife = recordLife({
  record: 'pipeline',
  names: {
    created: 'PipelineCreated',
    changed: 'PipelineChanged',
    archived: 'PipelineArchived',
    restored: 'PipelineRestored',
    deleted: 'PipelineDeleted',
    tagsChanged: 'PipelineTagsChanged',
    ownerChanged: 'PipelineOwnerChanged',
  },
  fields: pipelineFields,
  extra: { stages: list(stage(), 50) },
  samples: {
    created: { name: 'New business', isDefault: true, stages: [sampleStage] },
    changed: { name: 'Renewals', isDefault: false },
  },
});

export const pipelineStageAdded = defineEvent({
  type: 'PipelineStageAdded',
  action: 'stage_added',
  schema: object({ pipelineId: uuid(), ...stageSchema }),
  samples: { 1: { pipelineId: PIPELINE_ID, ...sampleStage } },
});
export const pipelineStageChanged = defineEvent({
  type: 'PipelineStageChanged',
  action: 'stage_changed',
  schema: object({
    pipelineId: uuid(),
    stageId: uuid(),
    name: optional(stageFields.name),
    probability: optional(stageFields.probability),
    requiredFields: optional(stageFields.requiredFields),
    rottingDays: optional(stageFields.rottingDays),
  }),
  samples: { 1: { pipelineId: PIPELINE_ID, stageId: STAGE_ID, name: 'Offer', rottingDays: null } },
});
export const pipelineStageRemoved = defineEvent({
  type: 'PipelineStageRemoved',
  action: 'stage_removed',
  schema: object({ pipelineId: uuid(), stageId: uuid() }),
  samples: { 1: { pipelineId: PIPELINE_ID, stageId: STAGE_ID } },
});
export const pipelineStagesReordered = defineEvent({
  type: 'PipelineStagesReordered',
  action: 'stages_reordered',
  schema: object({ pipelineId: uuid(), stageIds: list(uuid(), 50) }),
  samples: { 1: { pipelineId: PIPELINE_ID, stageIds: [STAGE_ID] } },
});

export type StageEvent =
  | EventOf<typeof pipelineStageAdded>
  | EventOf<typeof pipelineStageChanged>
  | EventOf<typeof pipelineStageRemoved>
  | EventOf<typeof pipelineStagesReordered>;
export type PipelineEvent = Parameters<typeof pipelineLife.foldState>[1] | StageEvent;

export const pipelineEvents = [
  ...pipelineLife.events,
  pipelineStageAdded,
  pipelineStageChanged,
  pipelineStageRemoved,
  pipelineStagesReordered,
];

/** The stages a pipeline is created with, as the state and the row keep them. */
export function firstStages(stages: readonly Stage[]): readonly KnownStage[] {
  return stages.map((one) => ({ ...one, removed: false }));
}

/** Live stages first and numbered from 0, removed ones behind them as they were. */
function arranged(live: readonly KnownStage[], stages: readonly KnownStage[]) {
  const back = new Set(live.map(({ stageId }) => stageId));
  const gone = stages.filter(({ removed, stageId }) => removed && !back.has(stageId));
  return [...live.map((one, position) => ({ ...one, position })), ...gone];
}

/** The stages after an event; state and read model fold them the same way. */
export function foldStages(
  stages: readonly KnownStage[],
  event: StageEvent,
): readonly KnownStage[] {
  const live = liveStages(stages);
  switch (event.type) {
    case 'PipelineStageAdded': {
      const { pipelineId: _, ...added } = event.data;
      return arranged(live.toSpliced(added.position, 0, { ...added, removed: false }), stages);
    }
    case 'PipelineStageChanged': {
      const { pipelineId: _, stageId, ...changes } = event.data;
      return stages.map((one) => (one.stageId === stageId ? { ...one, ...changes } : one));
    }
    case 'PipelineStageRemoved': {
      const marked = stages.map((one) =>
        one.stageId === event.data.stageId ? { ...one, removed: true } : one,
      );
      return arranged(liveStages(marked), marked);
    }
    case 'PipelineStagesReordered': {
      const place = new Map(event.data.stageIds.map((id, position) => [id, position]));
      const order = live.toSorted((a, b) => place.get(a.stageId)! - place.get(b.stageId)!);
      return arranged(order, stages);
    }
  }
}

import {
  firstStages,
  foldStages,
  pipelineFields,
  pipelineLife,
  type PipelineEvent,
} from '#event-schemas/sales/pipeline.events';
import { knownStage, type KnownStage, type Stage } from '#event-schemas/sales/stages';
import { list } from '#kernel/fields';
import { readModel, type Row } from '#kernel/read-model';

/** Pipelines with their stages, as boards, deals and settings read them. */
export const pipelines = readModel<PipelineEvent>({
  name: 'pipelines',
  record: 'pipeline',
  category: 'pipeline',
  version: 1,
  description: 'Ways a deal can take, stage by stage.',
  fields: {
    ...pipelineFields.required,
    ...pipelineFields.optional,
    stages: list(knownStage(), 1000, {
      description: 'Stages in order; removed ones last, kept for the deals of the past.',
    }),
  },
  filterable: ['name', 'isDefault'],
  sortable: ['name'],
  searchable: ['name'],
  lookups: ['name'],
  owner: 'ownerId',
  label: 'name',
  defaultSort: 'name',
  evolve(row, event) {
    if (!pipelineLife.isLife(event)) {
      return { ...row, stages: foldStages((row?.['stages'] ?? []) as KnownStage[], event) };
    }
    const next: Row = pipelineLife.foldRow(row, event, event.envelope.occurredAt);
    if (event.type !== pipelineLife.names.created) return next;
    return { ...next, stages: firstStages(event.data['stages'] as Stage[]) };
  },
});

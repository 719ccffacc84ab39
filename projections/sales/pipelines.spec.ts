import { describe, expect, it } from '@jest/globals';
import { pipelineLife, type PipelineEvent } from '#event-schemas/sales/pipeline.events';
import { rowOf, SPEC_ID } from '#kernel/specification';
import { pipelines } from './pipelines.js';

const stage = (stageId: string, kind: 'open' | 'won' | 'lost', position: number) => ({
  stageId,
  name: stageId,
  kind,
  position,
  probability: kind === 'won' ? 100 : 0,
  requiredFields: [],
  rottingDays: null,
});
const past: PipelineEvent[] = [
  pipelineLife.fact('created', SPEC_ID, {
    name: 'New business',
    isDefault: true,
    stages: [stage('a', 'open', 0), stage('won', 'won', 1), stage('lost', 'lost', 2)],
    ownerId: null,
    tags: [],
  }),
  { type: 'PipelineStageAdded', data: { pipelineId: SPEC_ID, ...stage('b', 'open', 1) } },
  { type: 'PipelineStageChanged', data: { pipelineId: SPEC_ID, stageId: 'b', name: 'Offer' } },
  { type: 'PipelineStageRemoved', data: { pipelineId: SPEC_ID, stageId: 'a' } },
  {
    type: 'PipelineStagesReordered',
    data: { pipelineId: SPEC_ID, stageIds: ['b', 'lost', 'won'] },
  },
];

describe('pipelines', () => {
  it('show their stages in order, removed ones last', () => {
    const row = rowOf(pipelines, past);
    expect(row).toMatchObject({ name: 'New business', isDefault: true, archivedAt: null });
    expect(row?.['stages']).toEqual([
      { ...stage('b', 'open', 0), name: 'Offer', removed: false },
      { ...stage('lost', 'lost', 1), removed: false },
      { ...stage('won', 'won', 2), removed: false },
      { ...stage('a', 'open', 0), removed: true },
    ]);
  });

  it('fill no column that is not declared', () => {
    const standard = ['ownerId', 'tags', 'archivedAt', 'deletedAt'];
    const declared = [...Object.keys(pipelines.columns), ...standard];
    expect(Object.keys(rowOf(pipelines, past)!).sort()).toEqual(declared.sort());
  });
});

import { describe, expect, it } from '@jest/globals';
import { pipelineLife } from '#event-schemas/sales/pipeline.events';
import { given, SPEC_ID } from '#kernel/specification';
import { pipelineCommands } from './commands.js';
import { firstStage, pipeline, stagesOf } from './pipeline.js';

const command = (name: string) => pipelineCommands.find((one) => one.name === name)!;
const create = command('CreatePipeline');
const created = given(pipeline).when(create, { name: 'New business' }).events[0]!;

describe('pipeline', () => {
  it('has six stages unless others are given', () => {
    const { state } = given(pipeline).when(create, { name: 'New business' });
    expect(stagesOf(state).map((one) => [one.name, one.kind, one.probability])).toEqual([
      ['Prospecting', 'open', 10],
      ['Qualification', 'open', 25],
      ['Proposal', 'open', 50],
      ['Negotiation', 'open', 75],
      ['Won', 'won', 100],
      ['Lost', 'lost', 0],
    ]);
    expect(stagesOf(state).map((one) => one.position)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(new Set(stagesOf(state).map((one) => one.stageId)).size).toBe(6);
    expect(firstStage(state, 'open')?.name).toBe('Prospecting');
  });

  it('takes its own stages and completes them', () => {
    const { state } = given(pipeline).when(create, {
      name: 'Renewals',
      stages: [
        { name: ' Due ', probability: 80, requiredFields: ['amount'], rottingDays: 30 },
        { name: 'Renewed', kind: 'won' },
        { name: 'Churned', kind: 'lost' },
      ],
    });
    expect(stagesOf(state)).toEqual([
      expect.objectContaining({ name: 'Due', kind: 'open', requiredFields: ['amount'] }),
      expect.objectContaining({ name: 'Renewed', probability: 100, rottingDays: null }),
      expect.objectContaining({ name: 'Churned', probability: 0, removed: false }),
    ]);
  });

  it.each([
    ['STAGE_KINDS_MISSING', []],
    ['STAGE_KINDS_MISSING', [{ name: 'Open' }, { name: 'Won', kind: 'won' }]],
    ['STAGE_NAME_TAKEN', [{ name: 'Open' }, { name: 'open' }]],
    ['STAGE_PROBABILITY_FIXED', [{ name: 'Won', kind: 'won', probability: 90 }]],
    ['STAGE_PROBABILITY_FIXED', [{ name: 'Lost', kind: 'lost', probability: 1 }]],
  ])('is refused with %s', (code, stages) => {
    const { refusal } = given(pipeline).when(create, { name: 'Renewals', stages });
    expect(refusal?.code).toBe(code);
  });

  it('names what is missing', () => {
    const { refusal } = given(pipeline).when(create, { name: 'X', stages: [{ name: 'Open' }] });
    expect(refusal?.details[0]?.message).toBe('There is no won and no lost stage.');
  });

  it('is not created twice, and warns of one with the same name', () => {
    const again = given(pipeline, [created]).when(create, { name: 'New business' });
    expect(again.refusal?.code).toBe('ALREADY_EXISTS');
    const match = { id: SPEC_ID, label: 'New business' };
    const twin = given(pipeline).when(
      create,
      { name: 'New business' },
      {
        facts: { duplicate0: [match] },
      },
    );
    expect(twin.outcome.warnings?.[0]?.code).toBe('POSSIBLE_DUPLICATE');
  });

  it('is the only default of the workspace', () => {
    const place = { scope: 'default-pipeline', value: 'default' };
    const { outcome } = given(pipeline).when(create, { name: 'New business', isDefault: true });
    expect(outcome.take).toEqual([place]);
    const change = command('ChangePipeline');
    const on = given(pipeline, [created]).when(change, { isDefault: true });
    expect(on.outcome.take).toEqual([place]);
    const off = given(pipeline, [created, ...on.events]).when(change, { isDefault: false });
    expect(off.outcome.release).toEqual([place]);
  });

  it('changes its name and keeps its stages', () => {
    const { events, state } = given(pipeline, [created]).when(command('ChangePipeline'), {
      name: 'Sales',
    });
    expect(events).toEqual([pipelineLife.fact('changed', SPEC_ID, { name: 'Sales' })]);
    expect(stagesOf(state)).toHaveLength(6);
  });
});

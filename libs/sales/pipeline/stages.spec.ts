import { describe, expect, it } from '@jest/globals';
import { pipelineLife, type PipelineEvent } from '#event-schemas/sales/pipeline.events';
import { planUndo } from '#kernel/inverse';
import { given, SPEC_ID } from '#kernel/specification';
import { addStage } from './add-stage.js';
import { changeStage } from './change-stage.js';
import { pipelineCommands } from './commands.js';
import { liveStage, pipeline, stagesOf } from './pipeline.js';
import { removeStage } from './remove-stage.js';
import { reorderStages } from './reorder-stages.js';

const create = pipelineCommands.find((one) => one.name === 'CreatePipeline')!;
const past = given(pipeline).when(create, { name: 'New business' }).events;
const ids = stagesOf(given(pipeline, past).state).map((one) => one.stageId);
const [prospecting, qualification, proposal, negotiation, won, lost] = ids as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const archived = pipelineLife.fact('archived', SPEC_ID);
const unknown = '01890a5d-ac96-774b-bcce-b302099a8099';
const noDeals = { facts: { openDeals: [] } };
const decide = (command: object, input: object, extra: readonly PipelineEvent[] = []) =>
  given(pipeline, [...past, ...extra]).when(command, input, noDeals);
const names = (state: Parameters<typeof stagesOf>[0]) =>
  stagesOf(state).map(({ name, removed }) => (removed ? `(${name})` : name));

describe('AddStage', () => {
  it('adds an open stage behind the last open one', () => {
    const { events, state } = decide(addStage, { name: 'Contract', probability: 90 });
    expect(events).toEqual([
      {
        type: 'PipelineStageAdded',
        data: {
          pipelineId: SPEC_ID,
          stageId: expect.any(String),
          name: 'Contract',
          position: 4,
          probability: 90,
          kind: 'open',
          requiredFields: [],
          rottingDays: null,
        },
      },
    ]);
    expect(names(state).slice(3)).toEqual(['Negotiation', 'Contract', 'Won', 'Lost']);
    expect(stagesOf(state).map((one) => one.position)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('adds closed stages at the end, and any stage where it is wanted', () => {
    expect(names(decide(addStage, { name: 'Disqualified', kind: 'lost' }).state).at(-1)).toBe(
      'Disqualified',
    );
    expect(names(decide(addStage, { name: 'Lead', position: 0 }).state)[0]).toBe('Lead');
    expect(names(decide(addStage, { name: 'Last', position: 49 }).state).at(-1)).toBe('Last');
  });

  it.each([
    ['STAGE_NAME_TAKEN', { name: 'proposal' }],
    ['STAGE_PROBABILITY_FIXED', { name: 'Signed', kind: 'won', probability: 50 }],
  ])('is refused with %s', (code, input) => {
    expect(decide(addStage, input).refusal?.code).toBe(code);
  });

  it('is refused beyond fifty stages, without a pipeline and on an archived one', () => {
    const many = Array.from({ length: 44 }, (_, n) => ({
      type: 'PipelineStageAdded' as const,
      data: {
        ...stagesOf(given(pipeline, past).state)[0]!,
        removed: undefined,
        pipelineId: SPEC_ID,
        stageId: `stage-${n}`,
        name: `Step ${n}`,
      },
    }));
    expect(decide(addStage, { name: 'One more' }, many).refusal?.code).toBe('TOO_MANY_STAGES');
    expect(given(pipeline).when(addStage, { name: 'X' }).refusal?.code).toBe('NOT_FOUND');
    expect(decide(addStage, { name: 'X' }, [archived]).refusal?.code).toBe('RECORD_ARCHIVED');
  });
});

describe('ChangeStage', () => {
  it('records only what differs', () => {
    const { events, state } = decide(changeStage, {
      stageId: proposal,
      name: 'Offer',
      probability: 50,
      requiredFields: ['amount'],
    });
    expect(events).toEqual([
      {
        type: 'PipelineStageChanged',
        data: {
          pipelineId: SPEC_ID,
          stageId: proposal,
          name: 'Offer',
          requiredFields: ['amount'],
        },
      },
    ]);
    expect(liveStage(state, proposal)).toMatchObject({ name: 'Offer', probability: 50 });
    expect(decide(changeStage, { stageId: proposal, name: 'Proposal' }).events).toEqual([]);
  });

  it.each([
    ['STAGE_NOT_FOUND', { stageId: unknown, name: 'X' }],
    ['STAGE_NAME_TAKEN', { stageId: proposal, name: 'WON' }],
    ['STAGE_PROBABILITY_FIXED', { stageId: lost, probability: 10 }],
  ])('is refused with %s', (code, input) => {
    expect(decide(changeStage, input).refusal?.code).toBe(code);
  });

  it('is refused on an archived pipeline', () => {
    const { refusal } = decide(changeStage, { stageId: won, name: 'Signed' }, [archived]);
    expect(refusal?.code).toBe('RECORD_ARCHIVED');
  });
});

describe('RemoveStage', () => {
  it('removes a stage that stays known', () => {
    const { events, state } = decide(removeStage, { stageId: qualification });
    expect(events).toEqual([
      { type: 'PipelineStageRemoved', data: { pipelineId: SPEC_ID, stageId: qualification } },
    ]);
    expect(names(state)).toEqual([
      'Prospecting',
      'Proposal',
      'Negotiation',
      'Won',
      'Lost',
      '(Qualification)',
    ]);
    expect(liveStage(state, qualification)).toBeUndefined();
    expect(liveStage(state, proposal)?.position).toBe(1);
  });

  it('frees the name of the stage, which cannot be removed twice', () => {
    const { events } = decide(removeStage, { stageId: qualification });
    expect(decide(addStage, { name: 'Qualification' }, events).refusal).toBeUndefined();
    const again = decide(removeStage, { stageId: qualification }, events);
    expect(again.refusal?.code).toBe('STAGE_NOT_FOUND');
  });

  it('is refused while open deals are in it', () => {
    const { refusal } = given(pipeline, past).when(
      removeStage,
      { stageId: proposal },
      { facts: { openDeals: [{ id: unknown, label: 'Hooli renewal' }] } },
    );
    expect(refusal).toMatchObject({ code: 'STAGE_IN_USE', details: [{ value: unknown }] });
  });

  it('looks up the open deals of the stage', () => {
    expect(removeStage.facts!({ stageId: won }, pipeline.initial, {} as never)).toEqual({
      openDeals: { kind: 'matches', readModel: 'deals', where: { stageId: won, status: 'open' } },
    });
  });

  it('leaves one stage of each kind', () => {
    expect(decide(removeStage, { stageId: won }).refusal?.code).toBe('STAGE_KINDS_MISSING');
  });

  it('is refused on an archived pipeline', () => {
    const { refusal } = decide(removeStage, { stageId: proposal }, [archived]);
    expect(refusal?.code).toBe('RECORD_ARCHIVED');
  });
});

describe('ReorderStages', () => {
  const stageIds = [negotiation, prospecting, qualification, proposal, won, lost];

  it('puts the stages in another order', () => {
    const { events, state } = decide(reorderStages, { stageIds });
    expect(events).toEqual([
      { type: 'PipelineStagesReordered', data: { pipelineId: SPEC_ID, stageIds } },
    ]);
    expect(stagesOf(state).map((one) => one.stageId)).toEqual(stageIds);
    expect(stagesOf(state).map((one) => one.position)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('records nothing when the order is the same', () => {
    expect(decide(reorderStages, { stageIds: ids }).events).toEqual([]);
  });

  it('must name each stage once', () => {
    const refused = (given: string[]) => decide(reorderStages, { stageIds: given }).refusal?.code;
    expect(refused(stageIds.slice(1))).toBe('STAGE_ORDER_INCOMPLETE');
    expect(refused([...stageIds.slice(1), lost])).toBe('STAGE_ORDER_INCOMPLETE');
    expect(refused([...stageIds, unknown])).toBe('STAGE_ORDER_INCOMPLETE');
  });

  it('is refused on an archived pipeline', () => {
    const { refusal } = decide(reorderStages, { stageIds }, [archived]);
    expect(refusal?.code).toBe('RECORD_ARCHIVED');
  });

  it('is undone for the stages it moved; what was moved since stays', () => {
    const first = decide(reorderStages, {
      stageIds: [qualification, prospecting, proposal, negotiation, won, lost],
    });
    const second = decide(
      reorderStages,
      { stageIds: [qualification, prospecting, negotiation, proposal, won, lost] },
      first.events as PipelineEvent[],
    );
    const before = given(pipeline, past).state;
    const command = reorderStages as unknown as Parameters<typeof planUndo>[0];
    const done = { id: SPEC_ID, command: {}, before, after: first.state, events: first.events };
    expect(planUndo(command, done, second.state, () => SPEC_ID)).toMatchObject({
      steps: [
        { input: { stageIds: [prospecting, qualification, negotiation, proposal, won, lost] } },
      ],
    });
  });
});

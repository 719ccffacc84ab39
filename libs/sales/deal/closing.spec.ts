import { describe, expect, it } from '@jest/globals';
import { dealLife } from '#event-schemas/sales/deal.events';
import { given, SPEC_ID } from '#kernel/specification';
import { pipelineCommands } from '../pipeline/commands.js';
import { pipeline, stagesOf } from '../pipeline/pipeline.js';
import { deal } from './deal.js';
import * as the from './deal.given.js';
import { loseDeal } from './lose-deal.js';
import { reopenDeal } from './reopen-deal.js';
import { winDeal } from './win-deal.js';

const { created, facts, moved, stageId, usd, won, wonEvent } = the;
type Past = Parameters<typeof given<never, (typeof won)[number]>>[1];
const decide = (command: object, input: object, past: Past = [created], known: object = facts) =>
  given(deal, past).when(command, input, { facts: known as never });
const line = {
  type: 'DealLineItemAdded' as const,
  data: {
    dealId: SPEC_ID,
    lineId: the.unknownId,
    productId: null,
    description: 'GTX Plus Pro',
    quantity: 1,
    unitPrice: usd('500'),
    discountPercent: 0,
    amount: usd('500'),
  },
};

describe('WinDeal', () => {
  it('moves the deal to the won stage of its pipeline', () => {
    const { events, state } = decide(winDeal, {});
    expect(events).toEqual([moved('Won'), wonEvent]);
    expect(state).toMatchObject({
      outcome: 'won',
      stageName: 'Won',
      openStageId: stageId('Prospecting'),
    });
  });

  it('takes the final amount and the day', () => {
    const { events } = decide(winDeal, { amount: usd('99000'), actualCloseDate: '2026-01-10' });
    expect(events[0]).toEqual(dealLife.fact('changed', SPEC_ID, { amount: usd('99000') }));
    expect(events.at(-1)).toMatchObject({
      type: 'DealWon',
      data: { amount: usd('99000'), actualCloseDate: '2026-01-10' },
    });
    expect(decide(winDeal, { amount: usd('105400') }).events).toEqual([moved('Won'), wonEvent]);
  });

  it('does not override line items', () => {
    const past = [created, line];
    expect(decide(winDeal, { amount: usd('1') }, past).refusal?.code).toBe('AMOUNT_FOLLOWS_ITEMS');
    const same = decide(winDeal, { amount: usd('500') }, past);
    expect(same.events.at(-1)).toMatchObject({ type: 'DealWon', data: { amount: usd('500') } });
  });

  it('meets what the won stage asks for', () => {
    const state = the.sales as { stages: readonly { kind: string }[] };
    const strict = {
      ...state,
      stages: state.stages.map((one) =>
        one.kind === 'won' ? { ...one, requiredFields: ['contactId'] } : one,
      ),
    };
    const { refusal } = decide(winDeal, {}, [created], { pipeline: strict });
    expect(refusal).toMatchObject({
      code: 'STAGE_REQUIRES_FIELDS',
      details: [{ field: 'contactId' }],
    });
  });

  it('is refused in the future', () => {
    const { refusal } = decide(winDeal, { actualCloseDate: '2026-02-01' });
    expect(refusal?.code).toBe('CLOSE_DATE_IN_FUTURE');
  });

  it('is refused while closed, archived, deleted or absent', () => {
    expect(decide(winDeal, {}, won).refusal?.code).toBe('DEAL_CLOSED');
    expect(decide(winDeal, {}, [created, the.archived]).refusal?.code).toBe('RECORD_ARCHIVED');
    expect(decide(winDeal, {}, [created, the.deleted]).refusal?.code).toBe('NOT_FOUND');
    expect(decide(winDeal, {}, []).refusal?.code).toBe('NOT_FOUND');
  });
});

describe('LoseDeal', () => {
  const lostReason = 'Price';

  it('moves the deal to the lost stage and keeps the reason', () => {
    const { events, state } = decide(loseDeal, { lostReason });
    expect(events).toEqual([moved('Lost'), the.lostEvent]);
    expect(state).toMatchObject({ outcome: 'lost', lostReason });
  });

  it('asks for a reason that says something', () => {
    expect(decide(loseDeal, { lostReason: ' ' }).refusal?.code).toBe('LOST_REASON_REQUIRED');
  });

  it('is refused in the future', () => {
    const { refusal } = decide(loseDeal, { lostReason, actualCloseDate: '2026-02-01' });
    expect(refusal?.code).toBe('CLOSE_DATE_IN_FUTURE');
  });

  it('is refused while closed or archived', () => {
    expect(decide(loseDeal, { lostReason }, the.lost).refusal?.code).toBe('DEAL_CLOSED');
    expect(decide(loseDeal, { lostReason }, [created, the.archived]).refusal?.code).toBe(
      'RECORD_ARCHIVED',
    );
  });
});

describe('ReopenDeal', () => {
  const reopened = { type: 'DealReopened', data: { dealId: SPEC_ID } };

  it('goes back to the stage the deal came from', () => {
    const { events, state } = decide(reopenDeal, {}, won);
    expect(events).toEqual([reopened, moved('Prospecting', won)]);
    expect(state).toMatchObject({ outcome: 'open', values: { probability: 10 } });
    expect(state).not.toHaveProperty('actualCloseDate');
  });

  it('forgets the reason of the loss', () => {
    const { state } = decide(reopenDeal, {}, the.lost);
    expect(state).toMatchObject({ outcome: 'open', stageName: 'Prospecting' });
    expect(state).not.toHaveProperty('lostReason');
    expect(state).not.toHaveProperty('openStageId');
  });

  it('goes to the open stage given, without asking for its fields', () => {
    const bare = { ...created, data: { ...created.data, amount: null } };
    const { state } = decide(reopenDeal, { stageId: stageId('Proposal') }, [bare, ...won.slice(1)]);
    expect(state).toMatchObject({ outcome: 'open', stageName: 'Proposal' });
  });

  it('goes to the first open stage when the one before is gone', () => {
    const create = pipelineCommands.find((one) => one.name === 'CreatePipeline')!;
    const past = given(pipeline).when(create, { name: 'New business' }).events;
    const gone = { pipelineId: the.pipelineId, stageId: stageId('Prospecting') };
    const { state: left } = given(pipeline, [
      ...past,
      { type: 'PipelineStageRemoved', data: gone },
    ]);
    const { state } = decide(reopenDeal, {}, won, { pipeline: left });
    expect(state).toMatchObject({ stageId: stagesOf(left)[0]!.stageId });
  });

  it('is refused for an open deal and for stages that are not open', () => {
    expect(decide(reopenDeal, {}).refusal?.code).toBe('DEAL_OPEN');
    expect(decide(reopenDeal, { stageId: stageId('Lost') }, won).refusal?.code).toBe(
      'STAGE_CLOSES_DEAL',
    );
    expect(decide(reopenDeal, { stageId: the.unknownId }, won).refusal?.code).toBe(
      'STAGE_NOT_IN_PIPELINE',
    );
  });

  it('is refused while archived', () => {
    expect(decide(reopenDeal, {}, [...won, the.archived]).refusal?.code).toBe('RECORD_ARCHIVED');
  });
});

it('closing commands read the pipeline of the deal', () => {
  const { state } = given(deal, [created]);
  for (const command of [winDeal, loseDeal, reopenDeal]) {
    const read = (from: typeof state) =>
      (command.facts as (a: object, b: object) => { pipeline: unknown })({}, from).pipeline;
    expect(read(state)).toMatchObject({ kind: 'state', id: the.pipelineId });
    expect(read(deal.initial)).toBeUndefined();
  }
});

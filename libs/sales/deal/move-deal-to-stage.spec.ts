import { describe, expect, it } from '@jest/globals';
import { pipelineLife } from '#event-schemas/sales/pipeline.events';
import { given, SPEC_ID } from '#kernel/specification';
import { pipeline, stagesOf } from '../pipeline/pipeline.js';
import { deal } from './deal.js';
import * as the from './deal.given.js';
import { moveDealToStage } from './move-deal-to-stage.js';

const { created, facts, lostEvent, moved, pipelineId, stageId, wonEvent } = the;
const move = (input: object, past = [created], known: object = facts) =>
  given(deal, past).when(moveDealToStage, input, { facts: known as never });

describe('MoveDealToStage', () => {
  it('records where the deal came from and what the stage is', () => {
    const { events, state } = move({ stageId: stageId('Negotiation') });
    expect(events).toEqual([moved('Negotiation')]);
    expect(events[0]!.data).toEqual({
      dealId: SPEC_ID,
      pipelineId,
      stageId: stageId('Negotiation'),
      stageName: 'Negotiation',
      stageProbability: 75,
      fromPipelineId: pipelineId,
      fromStageId: stageId('Prospecting'),
      fromStageName: 'Prospecting',
    });
    expect(state).toMatchObject({ stageName: 'Negotiation', values: { probability: 75 } });
  });

  it('records nothing when the deal is there already', () => {
    expect(move({ stageId: stageId('Prospecting') }).events).toEqual([]);
  });

  it('wins the deal in a won stage', () => {
    const { events, state } = move({ stageId: stageId('Won') });
    expect(events).toEqual([moved('Won'), wonEvent]);
    expect(state).toMatchObject({ outcome: 'won', values: { probability: 100 } });
  });

  it('loses the deal in a lost stage, for a reason', () => {
    const { events, state } = move({ stageId: stageId('Lost'), lostReason: ' Price ' });
    expect(events).toEqual([moved('Lost'), lostEvent]);
    expect(state).toMatchObject({ outcome: 'lost', values: { probability: 0 } });
    const asked = move({ stageId: stageId('Lost'), lostReason: '  ' }).refusal;
    expect(asked).toMatchObject({
      code: 'LOST_REASON_REQUIRED',
      details: [{ field: 'lostReason' }],
    });
  });

  it('names every field the stage asks for', () => {
    const bare = { ...created, data: { ...created.data, amount: null, companyId: null } };
    const { refusal } = move({ stageId: stageId('Proposal') }, [bare]);
    expect(refusal).toMatchObject({
      code: 'STAGE_REQUIRES_FIELDS',
      details: [{ field: 'amount' }, { field: 'companyId' }],
    });
    expect(move({ stageId: stageId('Proposal') }).events).toEqual([moved('Proposal')]);
  });

  it('takes the day of the decision, which is not in the future', () => {
    const on = (actualCloseDate: string) => move({ stageId: stageId('Won'), actualCloseDate });
    expect(on('2025-12-31').state).toMatchObject({ actualCloseDate: '2025-12-31' });
    // At 10:00 UTC it is already the 16th in the Pacific.
    expect(on('2026-01-16').refusal).toBeUndefined();
    expect(on('2026-01-17').refusal?.code).toBe('CLOSE_DATE_IN_FUTURE');
  });

  it('goes to a stage of another pipeline', () => {
    const target = { ...stagesOf(the.sales)[0]!, stageId: the.unknownId, name: 'Due' };
    const renewals = given(pipeline, [
      pipelineLife.fact('created', the.otherPipelineId, { name: 'Renewals', stages: [target] }),
    ]).state;
    const input = { pipelineId: the.otherPipelineId, stageId: the.unknownId };
    const { state } = move(input, [created], { pipeline: renewals });
    expect(state).toMatchObject({ ...input, stageName: 'Due' });
    const archived = { pipeline: { ...renewals, status: 'archived' } };
    expect(move(input, [created], archived).refusal?.code).toBe('PIPELINE_ARCHIVED');
    const absent = { pipeline: pipeline.initial };
    expect(move(input, [created], absent).refusal?.code).toBe('REFERENCE_NOT_FOUND');
  });

  it('goes on in a pipeline that has been archived meanwhile', () => {
    const known = { pipeline: { ...the.sales, status: 'archived' } };
    expect(move({ stageId: stageId('Won') }, [created], known).events).toHaveLength(2);
  });

  it('is refused for stages of no or another pipeline', () => {
    expect(move({ stageId: the.unknownId }).refusal?.code).toBe('STAGE_NOT_IN_PIPELINE');
  });

  it('is refused while closed, archived, deleted or absent', () => {
    const code = (past: typeof the.won) =>
      move({ stageId: stageId('Negotiation') }, past as never).refusal?.code;
    expect(code(the.won)).toBe('DEAL_CLOSED');
    expect(code([created, the.archived])).toBe('RECORD_ARCHIVED');
    expect(code([created, the.deleted])).toBe('NOT_FOUND');
    expect(code([])).toBe('NOT_FOUND');
  });

  it('reads the pipeline given, or the one the deal is in', () => {
    const { state } = given(deal, [created]);
    const read = (input: object, from = state) =>
      moveDealToStage.facts!({ stageId: 'x', ...input }, from, {} as never).pipeline;
    expect(read({})).toMatchObject({ kind: 'state', id: pipelineId });
    expect(read({ pipelineId: the.otherPipelineId })).toMatchObject({ id: the.otherPipelineId });
    expect(read({}, deal.initial)).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { dealLife } from '#event-schemas/sales/deal.events';
import { pipelineLife } from '#event-schemas/sales/pipeline.events';
import { given, SPEC_ID } from '#kernel/specification';
import { pipeline } from '../pipeline/pipeline.js';
import { dealCommands } from './commands.js';
import { deal } from './deal.js';
import * as the from './deal.given.js';

const { archived, created, deleted, facts, pipelineId, stageFacts, stageId, usd } = the;
const command = (name: string) => dealCommands.find((one) => one.name === name)!;
const create = command('CreateDeal');
const change = command('ChangeDeal');
const input = { name: 'Hooli, GTX Plus Pro', companyId: the.companyId, pipelineId };

describe('CreateDeal', () => {
  it('starts in the first open stage with its probability', () => {
    const { events, state } = given(deal).when(
      create,
      { ...input, amount: usd('105400') },
      { facts },
    );
    expect(events).toEqual([created]);
    expect(state).toMatchObject({
      outcome: 'open',
      stageName: 'Prospecting',
      values: { probability: 10 },
    });
  });

  it('starts in the stage and with the probability given', () => {
    const { state } = given(deal).when(
      create,
      { ...input, amount: usd('1'), probability: 66, stageId: stageId('Proposal') },
      { facts },
    );
    expect(state).toMatchObject({
      stageId: stageId('Proposal'),
      stageProbability: 50,
      values: { probability: 66 },
    });
  });

  it('reads the pipeline', () => {
    expect(create.facts!(input as never, undefined as never, {} as never)).toMatchObject({
      pipeline: { kind: 'state', aggregate: pipeline, id: pipelineId },
      companyId: { kind: 'record', record: 'company' },
    });
  });

  const sales = the.sales as object;
  it.each([
    ['REFERENCE_NOT_FOUND', {}, { pipeline: pipeline.initial }],
    ['REFERENCE_NOT_FOUND', {}, { pipeline: { ...sales, status: 'deleted' } }],
    ['REFERENCE_NOT_FOUND', {}, { ...facts, companyId: { status: 'absent' } }],
    ['REFERENCE_NOT_FOUND', {}, { ...facts, contactId: { status: 'deleted' } }],
    ['PIPELINE_ARCHIVED', {}, { pipeline: { ...sales, status: 'archived' } }],
    ['STAGE_NOT_IN_PIPELINE', { stageId: the.unknownId }, facts],
    ['STAGE_CLOSES_DEAL', { stageId: stageId('Won') }, facts],
    ['STAGE_REQUIRES_FIELDS', { stageId: stageId('Proposal') }, facts],
  ])('is refused with %s', (code, more, known) => {
    const { refusal } = given(deal).when(create, { ...input, ...more }, { facts: known });
    expect(refusal?.code).toBe(code);
  });

  it('does not start in a removed stage', () => {
    const removed = given(pipeline, [
      pipelineLife.fact('created', pipelineId, { name: 'X', stages: (sales as never)['stages'] }),
      { type: 'PipelineStageRemoved', data: { pipelineId, stageId: stageId('Negotiation') } },
    ]).state;
    const { refusal } = given(deal).when(
      create,
      { ...input, stageId: stageId('Negotiation') },
      { facts: { pipeline: removed } },
    );
    expect(refusal?.code).toBe('STAGE_NOT_IN_PIPELINE');
  });

  it('is not created twice, and warns of the same name at the same company', () => {
    const again = given(deal, [created]).when(create, input, { facts });
    expect(again.refusal?.code).toBe('ALREADY_EXISTS');
    const match = { id: the.unknownId, label: 'Hooli, GTX Plus Pro' };
    const twin = given(deal).when(create, input, { facts: { ...facts, duplicate0: [match] } });
    expect(twin.outcome.warnings?.[0]?.code).toBe('POSSIBLE_DUPLICATE');
  });
});

describe('ChangeDeal', () => {
  it('records only what differs', () => {
    const { events } = given(deal, [created]).when(change, {
      name: 'Hooli, GTX Plus Pro',
      nextStep: 'Send the offer',
      amount: usd('99000'),
    });
    expect(events).toEqual([
      dealLife.fact('changed', SPEC_ID, { nextStep: 'Send the offer', amount: usd('99000') }),
    ]);
  });

  it('takes an estimate of its own, and the stage’s again when cleared', () => {
    const own = given(deal, [created]).when(change, { probability: 35 });
    expect(own.state).toMatchObject({ values: { probability: 35 } });
    const cleared = given(deal, [created, ...own.events]).when(change, { probability: null });
    expect(cleared.state).toMatchObject({ values: { probability: 10 } });
  });

  it('keeps amount and probability of a closed deal, but takes other fields', () => {
    const closed = given(deal, the.won);
    expect(closed.when(change, { amount: usd('1') }).refusal?.code).toBe('DEAL_CLOSED');
    expect(closed.when(change, { probability: 1 }).refusal?.code).toBe('DEAL_CLOSED');
    expect(closed.when(change, { description: 'Signed' }).events).toHaveLength(1);
  });

  it('refuses what is archived, deleted or refers to nothing', () => {
    const refused = (past: typeof created, known = {}) =>
      given(deal, [created, past]).when(change, { contactId: the.unknownId }, { facts: known })
        .refusal?.code;
    expect(refused(archived)).toBe('RECORD_ARCHIVED');
    expect(refused(deleted)).toBe('NOT_FOUND');
    const restored = dealLife.fact('restored', SPEC_ID);
    expect(refused(restored, { contactId: { status: 'absent' } })).toBe('REFERENCE_NOT_FOUND');
  });
});

describe('deal', () => {
  it('stays won or lost while archived and restored', () => {
    const { state } = given(deal, [...the.lost, archived]).when(command('RestoreDeal'));
    expect(state).toMatchObject({ status: 'active', outcome: 'lost', lostReason: 'Price' });
    expect(stageFacts('Lost')).toMatchObject({ stageId: (state as { stageId: string }).stageId });
  });
});

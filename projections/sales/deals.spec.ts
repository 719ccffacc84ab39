import { describe, expect, it } from '@jest/globals';
import { dealLife, type DealEvent } from '#event-schemas/sales/deal.events';
import { rowOf, SPEC_ID } from '#kernel/specification';
import { deals } from './deals.js';

const pipelineId = '01890a5d-ac96-774b-bcce-b302099a8061';
const usd = (amountMinor: string) => ({ amountMinor, currency: 'USD' });
const created = dealLife.fact('created', SPEC_ID, {
  name: 'Hooli, GTX Plus Pro',
  amount: usd('105405'),
  pipelineId,
  stageId: 'proposal',
  stageName: 'Proposal',
  stageProbability: 50,
  ownerId: null,
  tags: [],
});
const from = { fromPipelineId: pipelineId, fromStageId: 'proposal', fromStageName: 'Proposal' };
const moved = (stageId: string, stageProbability: number): DealEvent => ({
  type: 'DealMovedToStage',
  data: { dealId: SPEC_ID, pipelineId, stageId, stageName: stageId, stageProbability, ...from },
});
const closing = {
  dealId: SPEC_ID,
  pipelineId,
  stageId: 'x',
  fromStageId: 'proposal',
  amount: usd('105405'),
  actualCloseDate: '2026-01-14',
};
const won: DealEvent = { type: 'DealWon', data: closing };
const lost: DealEvent = { type: 'DealLost', data: { ...closing, lostReason: 'Price' } };
const reopened: DealEvent = { type: 'DealReopened', data: { dealId: SPEC_ID } };
const line: DealEvent = {
  type: 'DealLineItemAdded',
  data: {
    dealId: SPEC_ID,
    lineId: 'one',
    productId: null,
    description: 'Training',
    quantity: 3,
    unitPrice: usd('105'),
    discountPercent: 15,
    amount: usd('268'),
  },
};
const row = (...events: readonly DealEvent[]) => rowOf(deals, [created, ...events]);

describe('deals', () => {
  it('weigh the amount by the probability of the stage', () => {
    expect(row()).toMatchObject({
      status: 'open',
      isClosed: false,
      isWon: null,
      probability: 50,
      weightedAmount: usd('52703'),
      stageChangedAt: '2026-01-15T10:00:00.000Z',
      lineItems: [],
      closedAt: null,
    });
  });

  it('weigh by their own estimate until it is cleared or the deal moves', () => {
    const own = dealLife.fact('changed', SPEC_ID, { probability: 20 });
    const cleared = dealLife.fact('changed', SPEC_ID, { probability: null });
    expect(row(own)).toMatchObject({ probability: 20, weightedAmount: usd('21081') });
    expect(row(own, cleared)).toMatchObject({ probability: 50, weightedAmount: usd('52703') });
    expect(row(own, moved('negotiation', 75))).toMatchObject({
      stageId: 'negotiation',
      probability: 75,
      stageChangedAt: '2026-01-15T12:00:00.000Z',
    });
  });

  it('have no weight without an amount', () => {
    const cleared = dealLife.fact('changed', SPEC_ID, { amount: null });
    expect(row(cleared)).toMatchObject({ amount: null, weightedAmount: null });
  });

  it('are won with their whole amount', () => {
    expect(row(moved('won', 100), won)).toMatchObject({
      status: 'won',
      isClosed: true,
      isWon: true,
      closedAt: '2026-01-15T12:00:00.000Z',
      actualCloseDate: '2026-01-14',
      weightedAmount: usd('105405'),
    });
  });

  it('are lost with nothing, and open again without a trace of it', () => {
    expect(row(moved('lost', 0), lost)).toMatchObject({
      status: 'lost',
      isWon: false,
      lostReason: 'Price',
      weightedAmount: usd('0'),
    });
    expect(row(moved('lost', 0), lost, reopened, moved('proposal', 50))).toMatchObject({
      status: 'open',
      isClosed: false,
      isWon: null,
      lostReason: null,
      closedAt: null,
      actualCloseDate: null,
      weightedAmount: usd('52703'),
    });
  });

  it('price their line items, and the amount follows', () => {
    expect(row(line)).toMatchObject({
      amount: usd('268'),
      weightedAmount: usd('134'),
      lineItems: [{ lineId: 'one', total: usd('268') }],
    });
    const changed: DealEvent = {
      type: 'DealLineItemChanged',
      data: { dealId: SPEC_ID, lineId: 'one', quantity: 1, amount: usd('89') },
    };
    expect(row(line, changed)?.['lineItems']).toMatchObject([{ quantity: 1, total: usd('89') }]);
    const removed: DealEvent = {
      type: 'DealLineItemRemoved',
      data: { dealId: SPEC_ID, lineId: 'one', amount: usd('105405') },
    };
    expect(row(line, removed)).toMatchObject({ amount: usd('105405'), lineItems: [] });
  });

  it('fill exactly the declared columns', () => {
    const standard = ['ownerId', 'tags', 'archivedAt', 'deletedAt'];
    const declared = [...Object.keys(deals.columns), ...standard].sort();
    expect(Object.keys(row()!).sort()).toEqual(declared);
    expect(Object.keys(row(line, moved('lost', 0), lost, reopened)!).sort()).toEqual(declared);
  });
});

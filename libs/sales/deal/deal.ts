import type { Aggregate } from '#kernel/aggregate';
import type { FieldValues, Money } from '#kernel/fields';
import type { Living } from '#kernel/record-life';
import { sharesOf } from '#kernel/sharing';
import {
  dealEvents,
  dealLife,
  foldLineItems,
  type DealEvent,
  type DealLifeEvent,
  type dealFields,
  type StageFacts,
} from '#event-schemas/sales/deal.events';
import type { LineItem } from '#event-schemas/sales/line-items';

export type DealValues = FieldValues<typeof dealFields>;

/** What every deal has, however it stands. */
interface DealBase extends Living<DealValues>, StageFacts {
  readonly lineItems: readonly LineItem[];
  /** The amount entered by hand; counts again when the last line item is gone. */
  readonly manualAmount: Money | null;
}
export interface OpenDeal extends DealBase {
  readonly outcome: 'open';
}
export interface WonDeal extends DealBase {
  readonly outcome: 'won';
  /** Stage the deal was in before; reopening goes back there. */
  readonly openStageId: string;
  readonly actualCloseDate: string;
}
export interface LostDeal extends DealBase {
  readonly outcome: 'lost';
  readonly openStageId: string;
  readonly actualCloseDate: string;
  readonly lostReason: string;
}
export type LivingDeal = OpenDeal | WonDeal | LostDeal;
export type DealState = { readonly status: 'absent' } | LivingDeal;

function foldLife(state: DealState, event: DealLifeEvent): DealState {
  const life = dealLife.foldState(state, event);
  const probability = life.values.probability ?? life.stageProbability;
  const values = { ...life.values, probability };
  if (state.status === 'absent') {
    const manualAmount = values.amount ?? null;
    return { ...life, values, outcome: 'open', lineItems: [], manualAmount };
  }
  const manualAmount = 'amount' in event.data ? values.amount : state.manualAmount;
  return { ...state, ...life, values, manualAmount };
}

/** The deal without what only a closed one has. */
function reopened(state: LivingDeal): OpenDeal {
  if (state.outcome === 'open') return state;
  const { openStageId: _stage, actualCloseDate: _date, ...rest } = state;
  if (rest.outcome === 'won') return { ...rest, outcome: 'open' };
  const { lostReason: _reason, ...base } = rest;
  return { ...base, outcome: 'open' };
}

export const deal: Aggregate<DealState, DealEvent> = {
  category: 'deal',
  stateVersion: 2,
  initial: { status: 'absent' },
  events: dealEvents,
  lists: { lineItems: 'lineId', shares: 'granteeId' },
  evolve(state, event): DealState {
    if (dealLife.isLife(event)) return foldLife(state, event);
    if (state.status === 'absent') return state;
    switch (event.type) {
      case 'DealMovedToStage': {
        const { pipelineId, stageId, stageName, stageProbability } = event.data;
        const values = { ...state.values, probability: stageProbability };
        return { ...state, pipelineId, stageId, stageName, stageProbability, values };
      }
      case 'DealWon': {
        const { fromStageId: openStageId, actualCloseDate } = event.data;
        return { ...reopened(state), outcome: 'won', openStageId, actualCloseDate };
      }
      case 'DealLost': {
        const { fromStageId: openStageId, actualCloseDate, lostReason } = event.data;
        return { ...reopened(state), outcome: 'lost', openStageId, actualCloseDate, lostReason };
      }
      case 'DealReopened':
        return reopened(state);
      case 'DealLineItemAdded':
      case 'DealLineItemChanged':
      case 'DealLineItemRemoved':
        return {
          ...state,
          lineItems: foldLineItems(state.lineItems, event),
          values: { ...state.values, amount: event.data.amount },
        };
    }
  },
  status: (state) => state.status,
  owner: (state) => (state.status === 'absent' ? null : state.ownerId),
  shares: sharesOf,
};

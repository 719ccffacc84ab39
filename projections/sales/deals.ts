import {
  closeDate,
  dealFields,
  dealLife,
  foldLineItems,
  lostReason,
  stageFacts,
  type DealEvent,
} from '#event-schemas/sales/deal.events';
import { lineTotal, pricedLineItem, type LineItem } from '#event-schemas/sales/line-items';
import { choice, flag, instant, list, money, nullable, type Money } from '#kernel/fields';
import { moneyOf, percentOf } from '#kernel/money';
import { readModel, type ReadModelEvent, type Row } from '#kernel/read-model';
import { sharingColumns } from '#kernel/sharing';

/** The row after an event, before its weighted amount. */
function fold(row: Row | null, event: ReadModelEvent<DealEvent>): Row {
  const at = event.envelope.occurredAt.toISOString();
  if (dealLife.isLife(event)) {
    const next: Row = dealLife.foldRow(row, event, event.envelope.occurredAt);
    const { stageName: _name, ...shown } = next;
    const probability = next['probability'] ?? next['stageProbability'];
    return row
      ? { ...shown, probability }
      : { ...newDeal, ...shown, probability, stageChangedAt: at };
  }
  switch (event.type) {
    case 'DealMovedToStage': {
      const { pipelineId, stageId, stageProbability } = event.data;
      const stage = { pipelineId, stageId, stageProbability, probability: stageProbability };
      return { ...row, ...stage, stageChangedAt: at };
    }
    case 'DealWon': {
      const { actualCloseDate } = event.data;
      return { ...row, status: 'won', isClosed: true, isWon: true, closedAt: at, actualCloseDate };
    }
    case 'DealLost': {
      const { actualCloseDate, lostReason } = event.data;
      const closed = { status: 'lost', isClosed: true, isWon: false, closedAt: at };
      return { ...row, ...closed, actualCloseDate, lostReason };
    }
    case 'DealReopened':
      return { ...row, ...open };
    case 'DealLineItemAdded':
    case 'DealLineItemChanged':
    case 'DealLineItemRemoved': {
      const items = foldLineItems((row?.['lineItems'] ?? []) as LineItem[], event);
      const lineItems = items.map((item) => ({
        ...item,
        total: moneyOf(lineTotal(item), item.unitPrice.currency),
      }));
      return { ...row, lineItems, amount: event.data.amount };
    }
  }
}

const open = {
  status: 'open',
  isClosed: false,
  isWon: null,
  closedAt: null,
  actualCloseDate: null,
  lostReason: null,
};
const newDeal = { ...open, lineItems: [] };

/** Deals as lists, boards, forecasts and reports read them. */
export const deals = readModel<DealEvent>({
  name: 'deals',
  record: 'deal',
  category: 'deal',
  version: 2,
  description: 'Sales opportunities on their way through a pipeline.',
  fields: {
    ...dealFields.required,
    ...dealFields.optional,
    pipelineId: stageFacts.pipelineId,
    stageId: stageFacts.stageId,
    stageProbability: stageFacts.stageProbability,
    stageChangedAt: instant({ description: 'Since when the deal has been in its stage.' }),
    status: choice(['open', 'won', 'lost'], { description: 'How the deal stands.' }),
    isClosed: flag({ description: 'Whether it is won or lost.' }),
    isWon: nullable(flag({ description: 'Whether it is won; null while open.' })),
    closedAt: nullable(instant({ description: 'When it was won or lost.' })),
    actualCloseDate: nullable(closeDate()),
    lostReason: nullable(lostReason()),
    weightedAmount: nullable(
      money({ description: 'Amount × probability, rounded to whole minor units.' }),
    ),
    lineItems: list(pricedLineItem(), 200, { description: 'What the deal sells.' }),
    ...sharingColumns,
  },
  filterable: [
    'name',
    'companyId',
    'contactId',
    'pipelineId',
    'stageId',
    'status',
    'isClosed',
    'isWon',
    'amount',
    'weightedAmount',
    'probability',
    'expectedCloseDate',
    'actualCloseDate',
    'stageChangedAt',
    'closedAt',
    'leadSource',
    'dealSource',
    'sharedWith',
  ],
  sortable: [
    'name',
    'amount',
    'weightedAmount',
    'probability',
    'expectedCloseDate',
    'actualCloseDate',
    'stageChangedAt',
    'closedAt',
  ],
  searchable: ['name', 'nextStep', 'description'],
  lookups: ['name'],
  references: { companyId: 'companies', contactId: 'contacts', pipelineId: 'pipelines' },
  owner: 'ownerId',
  label: 'name',
  evolve(row, event) {
    const next = fold(row, event);
    const [amount, probability] = [next['amount'] as Money | null, next['probability'] as number];
    return { ...next, weightedAmount: amount ? percentOf(amount, probability) : null };
  },
});

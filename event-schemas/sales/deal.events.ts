import { defineEvent, type EventOf } from '#kernel/event';
import {
  day,
  integer,
  money,
  nullable,
  object,
  optional,
  recordFields,
  text,
  uuid,
  type Static,
} from '#kernel/fields';
import { recordLife } from '#kernel/record-life';
import { lineItemFields, lineItemSchema, linePosition, type LineItem } from './line-items.js';

/** The fields of a deal (also called opportunity) that people edit. */
export const dealFields = recordFields(
  { name: text(255, { description: 'Name of the deal.', examples: ['Hooli, GTX Plus Pro'] }) },
  {
    companyId: uuid({ description: 'Company that buys.' }),
    contactId: uuid({ description: 'Primary contact.' }),
    amount: money({ description: 'Worth of the deal; follows the line items once there are any.' }),
    probability: integer(0, 100, {
      description: 'Chance of winning in percent; the stage’s unless given.',
    }),
    expectedCloseDate: day({ description: 'Day the decision is expected.' }),
    leadSource: text(100, { description: 'Where the first contact came from.' }),
    dealSource: text(100, { description: 'What brought this deal about.' }),
    nextStep: text(2000, { description: 'What to do next.' }),
    description: text(10_000),
  },
);

/** Where a deal stands: facts of the stage, copied when the deal enters it. */
export const stageFacts = {
  pipelineId: uuid(),
  stageId: uuid(),
  stageName: text(100, { description: 'Name of the stage at that time.' }),
  stageProbability: integer(0, 100, { description: 'Probability of the stage at that time.' }),
};
export const lostReason = () => text(2000, { description: 'Why the deal was lost.' });
export const closeDate = () => day({ description: 'Day the deal was decided.' });

const DEAL_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const PIPELINE_ID = '01890a5d-ac96-774b-bcce-b302099a8061';
const PROPOSAL_ID = '01890a5d-ac96-774b-bcce-b302099a8062';
const WON_ID = '01890a5d-ac96-774b-bcce-b302099a8063';
const amount = { amountMinor: '105400', currency: 'USD' };
const proposal = {
  pipelineId: PIPELINE_ID,
  stageId: PROPOSAL_ID,
  stageName: 'Proposal',
  stageProbability: 50,
};

export const dealLife = recordLife({
  record: 'deal',
  names: {
    created: 'DealCreated',
    changed: 'DealChanged',
    archived: 'DealArchived',
    restored: 'DealRestored',
    deleted: 'DealDeleted',
    tagsChanged: 'DealTagsChanged',
    ownerChanged: 'DealOwnerChanged',
    shared: 'DealShared',
    sharingEnded: 'DealSharingEnded',
  },
  fields: dealFields,
  extra: stageFacts,
  samples: {
    created: { name: 'Hooli, GTX Plus Pro', amount, ...proposal },
    changed: { expectedCloseDate: '2026-03-31', nextStep: 'Send the offer' },
  },
});

export const dealMovedToStage = defineEvent({
  type: 'DealMovedToStage',
  action: 'moved',
  schema: object({
    dealId: uuid(),
    ...stageFacts,
    fromPipelineId: uuid(),
    fromStageId: uuid(),
    fromStageName: text(100),
  }),
  samples: {
    1: {
      dealId: DEAL_ID,
      ...proposal,
      fromPipelineId: PIPELINE_ID,
      fromStageId: '01890a5d-ac96-774b-bcce-b302099a8064',
      fromStageName: 'Qualification',
    },
  },
});

const closing = {
  dealId: uuid(),
  pipelineId: uuid(),
  stageId: uuid(),
  fromStageId: uuid({ description: 'Open stage the deal was in before.' }),
  amount: nullable(money({ description: 'Worth of the deal when it was decided.' })),
  actualCloseDate: closeDate(),
};
const closingSample = {
  dealId: DEAL_ID,
  pipelineId: PIPELINE_ID,
  stageId: WON_ID,
  fromStageId: PROPOSAL_ID,
  amount,
  actualCloseDate: '2026-03-02',
};
export const dealWon = defineEvent({
  type: 'DealWon',
  action: 'won',
  schema: object(closing),
  samples: { 1: closingSample },
});
export const dealLost = defineEvent({
  type: 'DealLost',
  action: 'lost',
  schema: object({ ...closing, lostReason: lostReason() }),
  samples: { 1: { ...closingSample, lostReason: 'Price' } },
});
export const dealReopened = defineEvent({
  type: 'DealReopened',
  action: 'reopened',
  schema: object({ dealId: uuid() }),
  samples: { 1: { dealId: DEAL_ID } },
});

/** The amount of the deal after the change, so that nobody has to add up lines. */
const amountAfter = { amount: nullable(money({ description: 'Amount of the deal afterwards.' })) };
const LINE_ID = '01890a5d-ac96-774b-bcce-b302099a8065';
const lineAddedSample = {
  dealId: DEAL_ID,
  lineId: LINE_ID,
  productId: null,
  description: 'GTX Plus Pro',
  quantity: 2,
  unitPrice: { amountMinor: '52700', currency: 'USD' },
  discountPercent: 0,
  amount,
};
/** Version 1 knew no place: every line came last. */
export const dealLineItemAdded = defineEvent({
  type: 'DealLineItemAdded',
  version: 2,
  action: 'line_item_added',
  schema: object({
    dealId: uuid(),
    ...lineItemSchema,
    ...amountAfter,
    position: optional(linePosition()),
  }),
  upcasters: { 1: (data) => [data] },
  samples: { 1: lineAddedSample, 2: { ...lineAddedSample, position: 0 } },
});
const changedLine = {
  productId: optional(lineItemFields.productId),
  description: optional(lineItemFields.description),
  quantity: optional(lineItemFields.quantity),
  unitPrice: optional(lineItemFields.unitPrice),
  discountPercent: optional(lineItemFields.discountPercent),
};
export const dealLineItemChanged = defineEvent({
  type: 'DealLineItemChanged',
  action: 'line_item_changed',
  schema: object({ dealId: uuid(), lineId: uuid(), ...changedLine, ...amountAfter }),
  samples: { 1: { dealId: DEAL_ID, lineId: LINE_ID, quantity: 2, amount } },
});
export const dealLineItemRemoved = defineEvent({
  type: 'DealLineItemRemoved',
  action: 'line_item_removed',
  schema: object({ dealId: uuid(), lineId: uuid(), ...amountAfter }),
  samples: { 1: { dealId: DEAL_ID, lineId: LINE_ID, amount: null } },
});

export type StageFacts = {
  readonly [K in keyof typeof stageFacts]: Static<(typeof stageFacts)[K]>;
};
export type LineItemEvent =
  | EventOf<typeof dealLineItemAdded>
  | EventOf<typeof dealLineItemChanged>
  | EventOf<typeof dealLineItemRemoved>;
export type DealLifeEvent = Parameters<typeof dealLife.foldState>[1];
export type DealEvent =
  | DealLifeEvent
  | EventOf<typeof dealMovedToStage>
  | EventOf<typeof dealWon>
  | EventOf<typeof dealLost>
  | EventOf<typeof dealReopened>
  | LineItemEvent;

export const dealEvents = [
  ...dealLife.events,
  dealMovedToStage,
  dealWon,
  dealLost,
  dealReopened,
  dealLineItemAdded,
  dealLineItemChanged,
  dealLineItemRemoved,
];

/** The lines after an event; state and read model fold them the same way. */
export function foldLineItems(
  items: readonly LineItem[],
  event: LineItemEvent,
): readonly LineItem[] {
  const { dealId: _deal, amount: _amount, ...line } = event.data;
  switch (event.type) {
    case 'DealLineItemAdded': {
      const { position = items.length, ...added } = line as LineItem & { position?: number };
      return items.toSpliced(position, 0, added);
    }
    case 'DealLineItemChanged':
      return items.map((item) => (item.lineId === line.lineId ? { ...item, ...line } : item));
    case 'DealLineItemRemoved':
      return items.filter((item) => item.lineId !== line.lineId);
  }
}

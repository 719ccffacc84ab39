import { dealLife } from '#event-schemas/sales/deal.events';
import { commandList, stateOf } from '#kernel/command';
import { optional, uuid } from '#kernel/fields';
import { recordCommands } from '#kernel/record-commands';
import { sharingCommands } from '#kernel/record-sharing';
import { isRefusal } from '#kernel/refusal';
import { firstStage, pipeline, type PipelineState } from '../pipeline/pipeline.js';
import { addLineItem } from './add-line-item.js';
import { changeLineItem } from './change-line-item.js';
import { deal, type LivingDeal } from './deal.js';
import { openDeal, refuse } from './deal-rules.js';
import { loseDeal } from './lose-deal.js';
import { moveDealToStage } from './move-deal-to-stage.js';
import { removeLineItem } from './remove-line-item.js';
import { reopenDeal } from './reopen-deal.js';
import { missingFields, openStageFor, pipelineProblem, stageFactsOf } from './stage-moves.js';
import { winDeal } from './win-deal.js';

const life = recordCommands(deal, dealLife, {
  collection: 'deals',
  names: {
    create: 'CreateDeal',
    change: 'ChangeDeal',
    archive: 'ArchiveDeal',
    restore: 'RestoreDeal',
    delete: 'DeleteDeal',
    changeTags: 'ChangeDealTags',
    changeOwner: 'ChangeDealOwner',
  },
  references: { companyId: 'company', contactId: 'contact' },
  duplicates: [{ readModel: 'deals', fields: ['name', 'companyId'], severity: 'warn' }],
  createInput: {
    pipelineId: uuid({ description: 'Pipeline the deal goes through.' }),
    stageId: optional(uuid({ description: 'Open stage it starts in; the first when left out.' })),
  },
  facts: ({ pipelineId }) =>
    typeof pipelineId === 'string' ? { pipeline: stateOf(pipeline, pipelineId) } : {},
  complete(command, { facts }) {
    const { pipelineId, stageId } = command as { pipelineId: string; stageId?: string };
    const target = facts['pipeline'] as PipelineState;
    const problem = pipelineProblem(pipelineId, target);
    if (problem) return problem;
    const stage = stageId ? openStageFor(target, stageId) : firstStage(target, 'open')!;
    if (isRefusal(stage)) return stage;
    return missingFields(stage, command) ?? { ...stageFactsOf(pipelineId, stage) };
  },
  check(values, before, _ctx, state) {
    if (!before) return undefined;
    const amountChanged = values.amount !== before.amount;
    // What a closed deal was worth is history: forecasts and commissions rest on it.
    if (amountChanged || values.probability !== before.probability) {
      const open = openDeal(state);
      if (isRefusal(open)) return open;
    }
    return amountChanged && (state as LivingDeal).lineItems.length > 0
      ? refuse('AMOUNT_FOLLOWS_ITEMS')
      : undefined;
  },
});

/** Every command a deal takes. */
export const dealCommands = commandList(
  ...Object.values(life),
  ...sharingCommands(deal, dealLife, {
    collection: 'deals',
    names: { share: 'ShareDeal', end: 'EndDealSharing' },
  }),
  moveDealToStage,
  winDeal,
  loseDeal,
  reopenDeal,
  addLineItem,
  changeLineItem,
  removeLineItem,
);

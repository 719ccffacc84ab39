import { isDeepStrictEqual } from 'node:util';
import type { DealEvent } from '#event-schemas/sales/deal.events';
import type { Done, InverseStep } from '#kernel/inverse';
import type { DealState, LivingDeal } from './deal.js';

type DoneToDeal = Done<unknown, DealState, DealEvent>;

/** The amount follows the lines: another line changes it without touching this one. */
export const amountFollows = ['values.amount'];

/** What the stage has been called since, and how likely it is said to be, is not undone. */
const remains = {
  stageName: 'The stage keeps the name it has today.',
  stageProbability: 'The stage keeps the probability it has today.',
};

/** Takes back a move, and with it what the move decided. */
function stepsBack({ id, before, after }: DoneToDeal): InverseStep[] {
  const [was, is] = [before as LivingDeal, after as LivingDeal];
  const { pipelineId, stageId } = was;
  const steps: InverseStep[] = [];
  const here = pipelineId === is.pipelineId;
  if (is.outcome !== 'open') {
    steps.push({ command: 'ReopenDeal', id, input: here ? { stageId } : {} });
  }
  if (!here || is.outcome === 'open') {
    steps.push({ command: 'MoveDealToStage', id, input: { pipelineId, stageId } });
  }
  // A move gives the chance the stage has today; what was entered by hand comes back by hand.
  const { probability, amount } = was.values;
  const worth = isDeepStrictEqual(amount, is.values.amount) ? {} : { amount };
  return [...steps, { command: 'ChangeDeal', id, input: { probability, ...worth } }];
}

/** Closes a reopened deal as it was closed before, from the stage it was closed from. */
function stepsToClosed({ id, before, after }: DoneToDeal): InverseStep[] {
  const [was, is] = [before as LivingDeal, after as LivingDeal];
  if (was.outcome === 'open') return [];
  const { pipelineId, stageId, openStageId, actualCloseDate } = was;
  const lostReason = was.outcome === 'lost' ? { lostReason: was.lostReason } : {};
  const move = (input: object) => ({
    command: 'MoveDealToStage',
    id,
    input: { pipelineId, ...input },
  });
  const close = move({ stageId, actualCloseDate, ...lostReason });
  return is.stageId === openStageId ? [close] : [move({ stageId: openStageId }), close];
}

/** How a deal gets back to the stage a move, a win or a loss took it from. */
export const wayBack = {
  undoneBy: ['ReopenDeal', 'MoveDealToStage', 'ChangeDeal'],
  steps: stepsBack,
  remains,
};

/** How a reopened deal is closed again. */
export const closedAgain = { undoneBy: ['MoveDealToStage'], steps: stepsToClosed, remains };

import { dealLife, type DealEvent } from '#event-schemas/sales/deal.events';
import { fold } from '#kernel/aggregate';
import { given, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { pipelineCommands } from '../pipeline/commands.js';
import { pipeline, stagesOf } from '../pipeline/pipeline.js';
import { deal } from './deal.js';

/** A pipeline and an open deal, as the specifications of deals take them for granted. */
export const pipelineId = '01890a5d-ac96-774b-bcce-b302099a8061';
export const otherPipelineId = '01890a5d-ac96-774b-bcce-b302099a8062';
export const companyId = '01890a5d-ac96-774b-bcce-b302099a8063';
export const unknownId = '01890a5d-ac96-774b-bcce-b302099a8099';

const createPipeline = pipelineCommands.find((one) => one.name === 'CreatePipeline')!;
export const sales = given(pipeline).when(createPipeline, {
  name: 'New business',
  stages: [
    { name: 'Prospecting', probability: 10 },
    { name: 'Proposal', probability: 50, requiredFields: ['amount', 'companyId'] },
    { name: 'Negotiation', probability: 75 },
    { name: 'Won', kind: 'won' },
    { name: 'Lost', kind: 'lost' },
  ],
}).state;
export const facts = { pipeline: sales };

export function stageId(name: string): string {
  return stagesOf(sales).find((one) => one.name === name)!.stageId;
}

export const stageFacts = (name: string) => ({
  pipelineId,
  stageId: stageId(name),
  stageName: name,
  stageProbability: stagesOf(sales).find((one) => one.name === name)!.probability,
});

export const usd = (amountMinor: string) => ({ amountMinor, currency: 'USD' });
export const eur = (amountMinor: string) => ({ amountMinor, currency: 'EUR' });

export const created = dealLife.fact('created', SPEC_ID, {
  name: 'Hooli, GTX Plus Pro',
  companyId,
  amount: usd('105400'),
  ...stageFacts('Prospecting'),
  ownerId: SPEC_ACTOR,
  tags: [],
});
export const archived = dealLife.fact('archived', SPEC_ID);
export const deleted = dealLife.fact('deleted', SPEC_ID);

/** The move of the open deal, or of the one the past events leave, to another stage. */
export function moved(name: string, past: readonly DealEvent[] = [created]): DealEvent {
  const state = fold(deal, past);
  if (state.status === 'absent') throw new Error('there is no deal to move');
  return {
    type: 'DealMovedToStage',
    data: {
      dealId: SPEC_ID,
      ...stageFacts(name),
      fromPipelineId: state.pipelineId,
      fromStageId: state.stageId,
      fromStageName: state.stageName,
    },
  };
}
const closing = {
  dealId: SPEC_ID,
  pipelineId,
  fromStageId: stageId('Prospecting'),
  amount: usd('105400'),
  actualCloseDate: '2026-01-15',
};
export const wonEvent: DealEvent = {
  type: 'DealWon',
  data: { ...closing, stageId: stageId('Won') },
};
export const lostEvent: DealEvent = {
  type: 'DealLost',
  data: { ...closing, stageId: stageId('Lost'), lostReason: 'Price' },
};
export const won = [created, moved('Won'), wonEvent];
export const lost = [created, moved('Lost'), lostEvent];

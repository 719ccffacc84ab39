import type { DealEvent, StageFacts } from '#event-schemas/sales/deal.events';
import type { KnownStage } from '#event-schemas/sales/stages';
import { missingReferences } from '#kernel/record-rules';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { liveStage, type PipelineState } from '../pipeline/pipeline.js';
import type { DealState, LivingDeal } from './deal.js';
import { refuse } from './deal-rules.js';

/** The pipeline whose stages count: the one given, or the one the deal is in. */
export function pipelineOf(state: DealState, given?: string): string | undefined {
  return given ?? (state.status === 'absent' ? undefined : state.pipelineId);
}

/** What stands against bringing a deal into this pipeline, if anything. */
export function pipelineProblem(pipelineId: string, state: PipelineState): Refusal | undefined {
  const facts = { pipelineId: { status: state.status } };
  const missing = missingReferences({ pipelineId }, { pipelineId: 'pipeline' }, facts);
  return missing ?? (state.status === 'archived' ? refuse('PIPELINE_ARCHIVED') : undefined);
}

/** The live stage of that id, or why a deal cannot enter it. */
export function stageFor(pipeline: PipelineState, stageId: string): KnownStage | Refusal {
  return (
    liveStage(pipeline, stageId) ??
    refuse('STAGE_NOT_IN_PIPELINE', {
      field: 'stageId',
      rule: 'reference',
      message: 'stageId names no stage of the pipeline.',
      remedy: 'Choose one of the pipeline’s stages that is not removed.',
      value: stageId,
    })
  );
}

/** A stage that keeps deals open, for new and reopened ones. */
export function openStageFor(pipeline: PipelineState, stageId: string): KnownStage | Refusal {
  const stage = stageFor(pipeline, stageId);
  if (isRefusal(stage) || stage.kind === 'open') return stage;
  return refuse('STAGE_CLOSES_DEAL', {
    field: 'stageId',
    rule: 'kind',
    message: `${stage.name} is a ${stage.kind} stage.`,
    remedy: 'Choose an open stage; win or lose the deal afterwards.',
    value: stageId,
  });
}

/** What the stage asks for and the deal lacks, if anything. */
export function missingFields(
  { name, requiredFields }: KnownStage,
  values: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  const missing = requiredFields.filter((field) => (values[field] ?? null) === null);
  return missing.length === 0
    ? undefined
    : refuse(
        'STAGE_REQUIRES_FIELDS',
        ...missing.map((field) => ({
          field,
          rule: 'required',
          message: `${name} asks for ${field}.`,
          remedy: `Fill in ${field} first.`,
        })),
      );
}

export function stageFactsOf(pipelineId: string, stage: KnownStage): StageFacts {
  const { stageId, name, probability } = stage;
  return { pipelineId, stageId, stageName: name, stageProbability: probability };
}

export interface Closing {
  readonly lostReason?: string | null | undefined;
  readonly actualCloseDate?: string | null | undefined;
}

/** The last day that has begun anywhere: UTC+14. */
function latestDay(now: Date): string {
  return new Date(now.getTime() + 14 * 3_600_000).toISOString().slice(0, 10);
}

export function movedTo(deal: LivingDeal, id: string, target: StageFacts): DealEvent[] {
  if (deal.stageId === target.stageId && deal.pipelineId === target.pipelineId) return [];
  return [
    {
      type: 'DealMovedToStage',
      data: {
        dealId: id,
        ...target,
        fromPipelineId: deal.pipelineId,
        fromStageId: deal.stageId,
        fromStageName: deal.stageName,
      },
    },
  ];
}

/**
 * Moves an open deal into a stage, and closes it where the stage says so. Without a close date
 * the day of the command in UTC counts: callers who care about zones send theirs.
 */
export function enterStage(
  deal: LivingDeal,
  pipelineId: string,
  stage: KnownStage,
  closing: Closing,
  ctx: { readonly id: string; readonly now: Date },
): DealEvent[] | Refusal {
  const missing = missingFields(stage, deal.values);
  if (missing) return missing;
  const events = movedTo(deal, ctx.id, stageFactsOf(pipelineId, stage));
  if (stage.kind === 'open') return events;
  const actualCloseDate = closing.actualCloseDate ?? ctx.now.toISOString().slice(0, 10);
  if (actualCloseDate > latestDay(ctx.now)) {
    return refuse('CLOSE_DATE_IN_FUTURE', {
      field: 'actualCloseDate',
      rule: 'past',
      message: `${actualCloseDate} has not begun yet.`,
      remedy: 'Give the day the deal was decided.',
      value: actualCloseDate,
    });
  }
  const data = {
    dealId: ctx.id,
    pipelineId,
    stageId: stage.stageId,
    fromStageId: deal.stageId,
    amount: deal.values.amount,
    actualCloseDate,
  };
  if (stage.kind === 'won') return [...events, { type: 'DealWon', data }];
  const lostReason = closing.lostReason?.trim();
  if (!lostReason) {
    return refuse('LOST_REASON_REQUIRED', {
      field: 'lostReason',
      rule: 'required',
      message: `${stage.name} loses the deal.`,
      remedy: 'Send lostReason with the move.',
    });
  }
  return [...events, { type: 'DealLost', data: { ...data, lostReason } }];
}

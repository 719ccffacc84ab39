import type { KnownStage, Stage, StageInput } from '#event-schemas/sales/stages';
import { recordRefusals } from '#kernel/record-rules';
import { refuseWith, type Refusal } from '#kernel/refusal';

/** Most stages a pipeline may have at a time. */
export const MAX_STAGES = 50;

export const refuse = refuseWith({
  ...recordRefusals,
  STAGE_NOT_FOUND: { category: 'missing', message: 'The pipeline has no such stage.' },
  STAGE_NOT_REMOVED: { category: 'rule', message: 'The stage is in the pipeline already.' },
  STAGE_KIND_FIXED: { category: 'rule', message: 'The kind of a stage stays what it was.' },
  STAGE_NAME_TAKEN: { category: 'rule', message: 'Stage names are unique within a pipeline.' },
  STAGE_KINDS_MISSING: {
    category: 'rule',
    message: 'A pipeline needs at least one open, one won and one lost stage.',
  },
  STAGE_PROBABILITY_FIXED: {
    category: 'rule',
    message: 'Won stages count 100 percent and lost stages 0.',
  },
  STAGE_IN_USE: { category: 'rule', message: 'Open deals are in this stage; move them first.' },
  STAGE_ORDER_INCOMPLETE: {
    category: 'rule',
    message: 'The order must name each stage of the pipeline exactly once.',
  },
  TOO_MANY_STAGES: { category: 'rule', message: `A pipeline has at most ${MAX_STAGES} stages.` },
});

/** Stages a pipeline gets when none are given. */
export const DEFAULT_STAGES: readonly StageInput[] = [
  { name: 'Prospecting', probability: 10 },
  { name: 'Qualification', probability: 25 },
  { name: 'Proposal', probability: 50 },
  { name: 'Negotiation', probability: 75 },
  { name: 'Won', kind: 'won' },
  { name: 'Lost', kind: 'lost' },
];

/** A given stage with everything that was left out; open stages start at 0 percent. */
export function completeStage(input: StageInput, stageId: string, position: number): Stage {
  const kind = input.kind ?? 'open';
  return {
    stageId,
    position,
    kind,
    name: input.name.trim(),
    probability: input.probability ?? (kind === 'won' ? 100 : 0),
    requiredFields: input.requiredFields ?? [],
    rottingDays: input.rottingDays ?? null,
  };
}

/** What stands against bringing this stage back, if anything. */
export function returnProblem(
  stage: KnownStage | undefined,
  kind: Stage['kind'] | undefined,
): Refusal | undefined {
  if (!stage) return refuse('STAGE_NOT_FOUND');
  if (!stage.removed) return refuse('STAGE_NOT_REMOVED');
  if (kind === undefined || kind === stage.kind) return undefined;
  return refuse('STAGE_KIND_FIXED', {
    field: 'kind',
    rule: 'kind',
    message: `${stage.name} is a ${stage.kind} stage: deals have entered it as one.`,
    remedy: `Leave kind out, or send ${stage.kind}.`,
    value: kind,
  });
}

/** What is wrong with these live stages taken together, if anything. */
export function stageProblem(stages: readonly Stage[]): Refusal | undefined {
  if (stages.length > MAX_STAGES) return refuse('TOO_MANY_STAGES');
  const names = new Set<string>();
  for (const { name, kind, probability } of stages) {
    const key = name.toLowerCase();
    if (names.has(key)) {
      return refuse('STAGE_NAME_TAKEN', {
        field: 'name',
        rule: 'unique',
        message: `There is a stage called ${name} already.`,
        remedy: 'Choose another name.',
        value: name,
      });
    }
    names.add(key);
    const fixed = kind === 'won' ? 100 : 0;
    if (kind !== 'open' && probability !== fixed) {
      return refuse('STAGE_PROBABILITY_FIXED', {
        field: 'probability',
        rule: 'kind',
        message: `${name} is a ${kind} stage, its probability is ${fixed}.`,
        remedy: 'Leave the probability out.',
        value: probability,
      });
    }
  }
  const missing = (['open', 'won', 'lost'] as const).filter(
    (kind) => !stages.some((one) => one.kind === kind),
  );
  return missing.length === 0
    ? undefined
    : refuse('STAGE_KINDS_MISSING', {
        field: 'stages',
        rule: 'kinds',
        message: `There is no ${missing.join(' and no ')} stage.`,
        remedy: `Add a stage of the kind ${missing.join(' and ')}.`,
      });
}

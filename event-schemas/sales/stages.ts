import {
  choice,
  flag,
  integer,
  list,
  nullable,
  object,
  optional,
  text,
  uuid,
  type Static,
} from '#kernel/fields';

/** Fields of a deal a stage may ask for before a deal enters it. */
export const STAGE_REQUIREMENTS = [
  'companyId',
  'contactId',
  'amount',
  'expectedCloseDate',
  'leadSource',
  'dealSource',
  'nextStep',
  'description',
] as const;

export const stageKind = () =>
  choice(['open', 'won', 'lost'], {
    description: 'What becomes of a deal that enters: it stays open, is won or is lost.',
  });

/** What people decide about a stage and may change later; its kind is fixed. */
export const stageFields = {
  name: text(100, { description: 'Name, unique within the pipeline.', examples: ['Proposal'] }),
  probability: integer(0, 100, {
    description: 'Chance of winning in percent; 100 for won and 0 for lost stages.',
  }),
  requiredFields: list(choice(STAGE_REQUIREMENTS), STAGE_REQUIREMENTS.length, {
    description: 'Fields a deal must have before it enters.',
  }),
  rottingDays: nullable(
    integer(1, 3650, { description: 'Days after which a deal that has not moved is rotting.' }),
  ),
};

/** A stage as events carry it. */
export const stageSchema = {
  stageId: uuid(),
  position: integer(0, 49, { description: 'Place in the pipeline, from 0.' }),
  kind: stageKind(),
  ...stageFields,
};
export const stage = () => object(stageSchema, { title: 'Stage' });
export type Stage = Static<ReturnType<typeof stage>>;

/** A removed stage stays known, so that deals of the past still show its name. */
export interface KnownStage extends Stage {
  readonly removed: boolean;
}

/** A stage as the read model shows it. */
export const knownStage = () =>
  object(
    { ...stageSchema, removed: flag() },
    { title: 'PipelineStage', description: 'Removed stages come last.' },
  );

/** What people give when they add a stage. */
export const stageInput = {
  name: stageFields.name,
  kind: optional(stageKind()),
  probability: optional(stageFields.probability),
  requiredFields: optional(stageFields.requiredFields),
  rottingDays: optional(stageFields.rottingDays),
};
export type StageInput = Static<ReturnType<typeof stageInputObject>>;
export const stageInputObject = () => object(stageInput, { title: 'StageInput' });

export function liveStages(stages: readonly KnownStage[]): readonly KnownStage[] {
  return stages.filter(({ removed }) => !removed);
}

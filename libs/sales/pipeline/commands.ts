import { pipelineLife } from '#event-schemas/sales/pipeline.events';
import { stageInputObject, type StageInput } from '#event-schemas/sales/stages';
import { commandList } from '#kernel/command';
import { list, optional } from '#kernel/fields';
import { recordCommands } from '#kernel/record-commands';
import { addStage } from './add-stage.js';
import { changeStage } from './change-stage.js';
import { pipeline } from './pipeline.js';
import { removeStage } from './remove-stage.js';
import { reorderStages } from './reorder-stages.js';
import { completeStage, DEFAULT_STAGES, MAX_STAGES, stageProblem } from './stage-rules.js';

const life = recordCommands(pipeline, pipelineLife, {
  collection: 'pipelines',
  names: {
    create: 'CreatePipeline',
    change: 'ChangePipeline',
    archive: 'ArchivePipeline',
    restore: 'RestorePipeline',
    delete: 'DeletePipeline',
    changeTags: 'ChangePipelineTags',
    changeOwner: 'ChangePipelineOwner',
  },
  createInput: {
    stages: optional(
      list(stageInputObject(), MAX_STAGES, {
        description: 'Stages in order; prospecting to won and lost when left out.',
      }),
    ),
  },
  duplicates: [{ readModel: 'pipelines', fields: ['name'], severity: 'warn' }],
  complete({ stages, isDefault }, ctx) {
    const given = (stages as StageInput[] | undefined) ?? DEFAULT_STAGES;
    const complete = given.map((one, n) => completeStage(one, ctx.newId(n), n));
    return stageProblem(complete) ?? { isDefault: isDefault ?? false, stages: complete };
  },
  reserves: ({ isDefault }) => (isDefault ? [{ scope: 'default-pipeline', value: 'default' }] : []),
});

/** Every command a pipeline takes. */
export const pipelineCommands = commandList(
  ...Object.values(life),
  addStage,
  changeStage,
  removeStage,
  reorderStages,
);

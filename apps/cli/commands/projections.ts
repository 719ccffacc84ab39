import { projectingProcess, projectionStatus } from '#platform/operations/projection-status';
import { exit, type Command } from '../command.js';

export const listProjections: Command = {
  words: ['projections', 'list'],
  summary: 'Lists the read models and what they fold.',
  example: 'clientforge projections list',
  async run(call) {
    const { platform } = await call.open();
    const models = [...platform.registry.readModels.values()].map((model) => ({
      name: model.name,
      record: model.record,
      version: model.version,
      temporal: model.temporal,
      columns: Object.keys(model.columns).length,
      description: model.description,
    }));
    call.out.answer(models, () =>
      call.out.table(
        [
          { key: 'name', title: 'Name' },
          { key: 'version', title: 'Version', right: true },
          { key: 'columns', title: 'Columns', right: true },
          { key: 'description', title: 'Description' },
        ],
        models,
      ),
    );
  },
};

export const showProjections: Command = {
  words: ['projections', 'status'],
  summary: 'Shows how far each read model is behind the log, and its dead letters.',
  example: 'clientforge projections status',
  async run(call) {
    const { platform } = await call.open();
    const projections = await projectionStatus(platform.database);
    const projectedBy = (await projectingProcess(platform.database)) ?? null;
    call.out.answer({ projectedBy, projections }, () => {
      call.out.table(
        [
          { key: 'name', title: 'Name' },
          { key: 'lagEvents', title: 'Events behind', right: true },
          { key: 'lagSeconds', title: 'Seconds behind', right: true },
          { key: 'deadLetters', title: 'Dead letters', right: true },
          { key: 'updatedAt', title: 'Updated' },
        ],
        projections.map((one) => ({ ...one })),
      );
      call.out.line(
        projectedBy ? `Projected by ${projectedBy}.` : 'No process projects at present.',
      );
    });
    return projections.some(({ deadLetters }) => deadLetters > 0) ? exit.refused : exit.done;
  },
};

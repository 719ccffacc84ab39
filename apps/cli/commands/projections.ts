import { holderWords, horizonHolder } from '#platform/operations/horizon';
import { projectingProcess, projectionStatus } from '#platform/operations/projection-status';
import type { Queryable } from '#platform/postgres/database';
import { cancelRebuild, type RebuildNote } from '#platform/projections/rebuild-notes';
import { refusal } from '#kernel/refusal';
import { exit, RefusedError, UsageError, type Command } from '../command.js';
import { modelsNamed } from '../rebuilding.js';

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

/** `waiting`, `running, 42 %`, … */
function rebuildingWords(rebuild: RebuildNote | null): string {
  if (!rebuild) return '';
  const { state, share } = rebuild;
  return state === 'waiting' && share === 0 ? state : `${state}, ${Math.floor(share * 100)} %`;
}

export const cancelProjection: Command = {
  words: ['projections', 'cancel'],
  summary: 'Ends the rebuild of a read model; the next one goes on from there.',
  operands: ['NAME'],
  example: 'clientforge projections cancel companies',
  async run(call) {
    const { platform } = await call.open();
    const [model, more] = modelsNamed(platform, call.operands[0]!);
    if (!model || more) throw new UsageError('Name one read model.');
    const pool = platform.database.pool('projector') as unknown as Queryable;
    if (!(await cancelRebuild(pool, model.name))) {
      const message = `No rebuild of ${model.name} waits or runs.`;
      const remedy = 'clientforge projections status shows what does.';
      throw new RefusedError(refusal('NOT_FOUND', 'missing', message, [{ message, remedy }]));
    }
    call.out.answer({ name: model.name, cancelled: true }, () =>
      call.out.line(
        `The rebuild of ${model.name} ends; what is served was not changed. ` +
          `clientforge projections rebuild ${model.name} goes on.`,
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
    const horizon = (await horizonHolder(platform.database)) ?? null;
    const { lagAlertSeconds, horizonAlertSeconds } = call.config;
    const isHeld = (horizon?.seconds ?? 0) > horizonAlertSeconds;
    const isLate = projections.some(({ lagSeconds }) => lagSeconds > lagAlertSeconds);
    call.out.answer({ projectedBy, horizon, projections }, () => {
      call.out.table(
        [
          { key: 'name', title: 'Name' },
          { key: 'lagEvents', title: 'Events behind', right: true },
          { key: 'lagSeconds', title: 'Seconds behind', right: true },
          { key: 'deadLetters', title: 'Dead letters', right: true },
          { key: 'updatedAt', title: 'Updated' },
          { key: 'rebuilding', title: 'Rebuild' },
        ],
        projections.map((one) => ({ ...one, rebuilding: rebuildingWords(one.rebuild) })),
      );
      for (const { name, rebuild } of projections) {
        if (!rebuild?.problem || rebuild.state !== 'stopped') continue;
        call.out.line(call.out.style('red', `The rebuild of ${name} stopped: ${rebuild.problem}`));
      }
      call.out.line(
        projectedBy ? `Projected by ${projectedBy}.` : 'No process projects at present.',
      );
      if (isLate) call.out.line(call.out.style('red', `Later than ${lagAlertSeconds} s.`));
      if (!isHeld || !horizon) return;
      const held = `${holderWords(horizon)} has held the feed back for ${horizon.seconds} s`;
      const remedy = `End it, for example by SELECT pg_terminate_backend(${horizon.pid}).`;
      call.out.line(call.out.style('red', horizon.pid ? `${held}. ${remedy}` : `${held}.`));
    });
    const parked = projections.some(({ deadLetters }) => deadLetters > 0);
    return parked || isLate || isHeld ? exit.refused : exit.done;
  },
};

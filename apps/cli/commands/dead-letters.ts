import { refusal } from '#kernel/refusal';
import { deadLetters } from '#platform/operations/dead-letters';
import { RefusedError, required, UsageError, type Command } from '../command.js';
import { modelsNamed, rebuilding, stopped } from '../rebuilding.js';
import { tenantOf, tenantOption } from '../tenant.js';

export const listDeadLetters: Command = {
  words: ['projections', 'dead-letters'],
  summary: 'Lists the streams a read model set aside, and the event that is to blame.',
  example: 'clientforge projections dead-letters',
  async run(call) {
    const { platform } = await call.open();
    const letters = await deadLetters(platform.database);
    call.out.answer(letters, () => {
      if (letters.length === 0) return call.out.line('No stream is parked.');
      call.out.table(
        [
          { key: 'name', title: 'Name' },
          { key: 'tenantId', title: 'Tenant' },
          { key: 'streamId', title: 'Stream' },
          { key: 'version', title: 'Revision', right: true },
          { key: 'type', title: 'Event' },
          { key: 'events', title: 'Waiting', right: true },
          { key: 'parkedAt', title: 'Since' },
          { key: 'reason', title: 'Reason' },
        ],
        letters.map((one) => ({ ...one })),
      );
    });
  },
};

export const retryDeadLetter: Command = {
  words: ['projections', 'retry'],
  summary: 'Folds a parked stream again, by rebuilding its tenant’s rows of the read model.',
  operands: ['NAME'],
  options: {
    stream: { type: 'string', value: 'STREAM', required: true, description: 'The parked stream.' },
    ...tenantOption,
  },
  example:
    'clientforge projections retry deals --stream deal-01890a5d-ac96-774b-bcce-b302099a8058 ' +
    '--tenant 01890a5d-ac96-774b-bcce-b302099a8057',
  async run(call) {
    const { platform } = await call.open();
    const [model, more] = modelsNamed(platform, call.operands[0]!);
    if (!model || more) throw new UsageError('Name one read model.');
    const { id: tenantId } = await tenantOf(call, platform);
    const streamId = required(call, 'stream');
    const parked = await deadLetters(platform.database, { name: model.name, tenantId });
    if (!parked.some((one) => one.streamId === streamId)) {
      const message = `${model.name} has not parked ${streamId} of this tenant.`;
      const remedy = 'clientforge projections dead-letters shows what is parked.';
      throw new RefusedError(refusal('NOT_FOUND', 'missing', message, [{ message, remedy }]));
    }
    // Rows, versions and timeline of a stream stand or fall together, and so do those of a tenant.
    const { rows, events } = await rebuilding(call, platform, model, (rebuild, options) =>
      rebuild.swapTenant(tenantId, options),
    ).catch((error: unknown) => {
      throw stopped(error, model);
    });
    const freed = parked.map((one) => one.streamId);
    call.out.answer({ name: model.name, tenantId, freed, events, rows }, () => {
      const counted = `${rows.toLocaleString('en')} rows of ${model.name}`;
      call.out.line(
        `The tenant’s ${counted} were rebuilt; ${freed.join(', ')} is no longer parked.`,
      );
    });
  },
};

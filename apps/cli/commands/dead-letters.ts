import { deadLetters } from '#platform/operations/dead-letters';
import {
  discardDeadLetter as discardDeadLetterAt,
  retryDeadLetter as retryDeadLetterAt,
  type Freed,
  type ParkedAt,
} from '#platform/operations/parked-streams';
import type { Platform } from '#platform/platform';
import {
  exit,
  orRefused,
  required,
  UsageError,
  wholeOption,
  type Call,
  type Command,
} from '../command.js';
import { modelsNamed } from '../rebuilding.js';
import { tenantOf, tenantOption } from '../tenant.js';

export const listDeadLetters: Command = {
  words: ['projections', 'dead-letters'],
  summary: 'Lists the streams a read model set aside, and the event that is to blame.',
  example: 'clientforge projections dead-letters',
  async run(call) {
    const { platform } = await call.open();
    const letters = (await deadLetters(platform.database)).filter(({ name }) =>
      platform.registry.readModels.has(name),
    );
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

/** The parked stream a line names. */
async function parkedAt(call: Call, platform: Platform): Promise<ParkedAt> {
  const [model, more] = modelsNamed(platform, call.operands[0]!);
  if (!model || more) throw new UsageError('Name one read model.');
  const { id: tenantId } = await tenantOf(call, platform);
  return { processor: model.name, tenantId, streamId: required(call, 'stream') };
}

function told(call: Call, freed: Freed): void {
  const { streamId, handled, deadLetter } = freed;
  call.out.answer({ ...freed }, () => {
    const applied = `${handled} ${handled === 1 ? 'event' : 'events'} of ${streamId} applied`;
    if (!deadLetter) return call.out.line(`${applied}; ${streamId} is no longer parked.`);
    const { type, version, reason } = deadLetter;
    call.out.line(`${applied}; now ${type}, revision ${version}, cannot be: ${reason}`);
  });
}

const EXAMPLE =
  '--stream deal-01890a5d-ac96-774b-bcce-b302099a8058 ' +
  '--tenant 01890a5d-ac96-774b-bcce-b302099a8057';
const streamOptions = {
  stream: { type: 'string', value: 'STREAM', required: true, description: 'The parked stream.' },
  ...tenantOption,
} as const;

export const retryDeadLetter: Command = {
  words: ['projections', 'retry'],
  summary: 'Folds a parked stream again, and lets it go on with the others.',
  operands: ['NAME'],
  options: streamOptions,
  example: `clientforge projections retry deals ${EXAMPLE}`,
  async run(call) {
    const { platform } = await call.open();
    const at = await parkedAt(call, platform);
    told(call, orRefused(await retryDeadLetterAt(platform, at)) as Freed);
  },
};

export const discardDeadLetter: Command = {
  words: ['projections', 'discard'],
  summary: 'Leaves the event out that parks a stream, for good, and folds those behind it.',
  operands: ['NAME'],
  options: {
    ...streamOptions,
    revision: {
      type: 'string',
      value: 'N',
      required: true,
      description: 'The event to blame, as dead-letters shows it.',
    },
    note: { type: 'string', value: 'TEXT', required: true, description: 'Why, for the record.' },
  },
  example: `clientforge projections discard deals ${EXAMPLE} --revision 7 --note "test data"`,
  async run(call) {
    const { platform } = await call.open();
    const at = await parkedAt(call, platform);
    const version = wholeOption(call, 'revision', 1, 999_999_999);
    const note = required(call, 'note').trim();
    if (note.length === 0 || note.length > 500) {
      throw new UsageError('--note takes 1 to 500 characters.');
    }
    const sure = await call.confirm(
      `Leave revision ${version} of ${at.streamId} out of ${at.processor} for good?`,
    );
    if (!sure) return exit.refused;
    const discard = { version, note, by: 'operator' };
    const freed = orRefused(await discardDeadLetterAt(platform, at, discard)) as Freed;
    told(call, freed);
    return freed.freed ? exit.done : exit.refused;
  },
};

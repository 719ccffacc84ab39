import { object, integer, text, type TObject } from '#kernel/fields';
import type { RequestContext } from '#kernel/context';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { validate } from '#platform/commands/validation';
import { parkedRecord, workspaceDeadLetters } from '#platform/operations/dead-letters';
import {
  discardDeadLetter,
  retryDeadLetter,
  type Freed,
  type ParkedAt,
} from '#platform/operations/parked-streams';
import type { Platform } from '#platform/platform';
import type { Answer, Endpoint } from './endpoint.js';
import { deadLetter } from './operations.js';
import { count, listOf, maybe, objectOf, plain, text as words } from './schemas.js';
import type { Services } from './services.js';
import { inputOf } from './writes.js';

const place = {
  processor: text(100, { description: 'As the dead letters name it: deals.' }),
  streamId: text(150, { description: 'As the dead letters name it.' }),
};
const retryInput = object(place);
export const discardInput = object({
  ...place,
  revision: integer(1, Number.MAX_SAFE_INTEGER, {
    description: 'Of the event to blame; another one is refused.',
  }),
  note: text(500, { description: 'Why, for the record.' }),
});

export type DeadLetterPlace = Pick<ParkedAt, 'processor' | 'streamId'>;
export type DiscardInput = DeadLetterPlace & { readonly revision: number; readonly note: string };

const freed = objectOf({
  processor: words,
  streamId: words,
  freed: { type: 'boolean' },
  handled: count,
  deadLetter: maybe(deadLetter),
});

/** What came of it, as the workspace sees it. */
function shownFreed(platform: Platform, outcome: Freed | Refusal) {
  if (isRefusal(outcome)) return outcome as Refusal;
  const { deadLetter: letter, ...rest } = outcome as Freed;
  const record = platform.registry.readModels.get(rest.processor)?.record;
  const category = rest.streamId.slice(0, rest.streamId.indexOf('-'));
  return { ...rest, deadLetter: letter && parkedRecord(record ?? category, letter) };
}

/** Retries a dead letter of the caller's workspace. */
export async function retryFor(
  platform: Platform,
  { tenantId }: RequestContext,
  at: DeadLetterPlace,
) {
  const { processor, streamId } = at;
  return shownFreed(platform, await retryDeadLetter(platform, { processor, streamId, tenantId }));
}

/** Discards a dead letter of the caller's workspace, in their name. */
export async function discardFor(platform: Platform, caller: RequestContext, input: DiscardInput) {
  const { processor, streamId, revision, note } = input;
  const at = { processor, streamId, tenantId: caller.tenantId };
  const discard = { version: revision, note: note.trim(), by: caller.actor.id };
  return shownFreed(platform, await discardDeadLetter(platform, at, discard));
}

function checked<Input>(schema: TObject, body: unknown): Input | Refusal {
  const input = inputOf(body, {});
  if (isRefusal(input)) return input as Refusal;
  return validate(schema, input) ?? (input as Input);
}

const answered = (outcome: object | Refusal): Answer | Refusal =>
  isRefusal(outcome) ? (outcome as Refusal) : { data: outcome };

/** What processors set aside: listed, tried again, left out for good. */
export function deadLetterEndpoints({ platform }: Services): Endpoint[] {
  const models = [...platform.registry.readModels.values()];
  const shared = {
    method: 'POST',
    tag: 'operations',
    access: { permission: 'operations:update' },
    answer: { status: 200, description: 'What came of it.', data: freed },
  } as const;
  const example = {
    processor: 'deals',
    streamId: 'deal-01890a5d-ac96-774b-bcce-b302099a8058',
  };
  return [
    {
      operation: 'dead_letters',
      method: 'GET',
      path: '/operations/dead-letters',
      tag: 'operations',
      summary: 'List what could not be applied',
      description:
        'Each record a read model or a saga set aside, with the event to blame and how many wait ' +
        'behind it; the longest waiting first, at most 500. The counts are of all.',
      access: { permission: 'operations:read' },
      answer: {
        status: 200,
        description: 'The dead letters of this workspace.',
        data: objectOf({ records: listOf(deadLetter), streams: count, events: count }),
      },
      handle: async ({ caller }) => ({
        data: await workspaceDeadLetters(platform.database, caller.tenantId, models),
      }),
    },
    {
      ...shared,
      operation: 'retry_dead_letter',
      path: '/operations/dead-letters/retry',
      summary: 'Try a dead letter again',
      description: 'Applies the events of the record in their order; it then goes on with others.',
      body: plain(retryInput),
      example,
      refusals: ['404 NOT_FOUND', '422 STILL_PARKED'],
      handle: async ({ body, caller }) => {
        const input = checked<DeadLetterPlace>(retryInput, body);
        if (isRefusal(input)) return input as Refusal;
        return answered(await retryFor(platform, caller, input as DeadLetterPlace));
      },
    },
    {
      ...shared,
      operation: 'discard_dead_letter',
      path: '/operations/dead-letters/discard',
      summary: 'Leave an event out for good',
      description:
        'The processor never applies the event to blame, in rebuilds neither, and goes on with ' +
        'those behind it; the log keeps it. `freed` is false where one of them cannot be applied.',
      body: plain(discardInput),
      example: { ...example, revision: 7, note: 'Test data of a trial.' },
      refusals: ['404 NOT_FOUND', '409 NOT_TO_BLAME', '409 REBUILD_UNDER_WAY'],
      handle: async ({ body, caller }) => {
        const input = checked<DiscardInput>(discardInput, body);
        if (isRefusal(input)) return input as Refusal;
        return answered(await discardFor(platform, caller, input as DiscardInput));
      },
    },
  ];
}

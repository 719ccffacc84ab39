import { scopeOf, type RequestContext } from '#kernel/context';
import { flag, object, optional, uuid as uuidField, type TObject } from '#kernel/fields';
import { isUuid } from '#kernel/ids';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { HAND_OVER_JOB, handOverProblem } from '#apps/composition/hand-over';
import { personOf } from '#apps/composition/mail/sending';
import { validate } from '#platform/commands/validation';
import type { Job } from '#platform/jobs/job';
import type { Platform } from '#platform/platform';
import { forbidden, type Answer, type Call, type Endpoint } from './endpoint.js';
import { jobAccepted } from './jobs-shown.js';
import { plain, ref } from './schemas.js';
import { notFound, type Services } from './services.js';
import { inputOf } from './writes.js';

const asked = object({
  toUserId: uuidField({ description: 'Active person who gets the records.' }),
  deactivate: optional(flag({ description: 'Shuts the person out first.' })),
  remainingOwnerId: optional(
    uuidField({ description: 'Another owner who stays, where an owner leaves.' }),
  ),
});

const access = { permission: 'users:administer' } as const;

export interface HandOverAsked {
  readonly toUserId: string;
  readonly deactivate?: boolean;
  readonly remainingOwnerId?: string;
}

/** Begins a hand-over, and shuts the person out before where asked; for REST and GraphQL. */
export async function beginHandOver(
  platform: Platform,
  caller: RequestContext,
  fromUserId: string,
  { toUserId, deactivate, remainingOwnerId }: HandOverAsked,
): Promise<Job | Refusal> {
  if (!scopeOf(caller.grants, access.permission)) return forbidden(access.permission);
  const known = isUuid(fromUserId)
    ? await personOf(platform, caller.tenantId, fromUserId)
    : undefined;
  if (!known) return notFound({ record: 'person' });
  const input = { fromUserId: fromUserId.toLowerCase(), toUserId: toUserId.toLowerCase() };
  const problem = await handOverProblem(platform, caller, input);
  if (problem) return problem;
  if (deactivate) {
    const stays = remainingOwnerId ? { remainingOwnerId } : {};
    const done = await platform.dispatch('DeactivateUser', stays, caller, { id: fromUserId });
    if (isRefusal(done)) return done;
  }
  return platform.jobs.start(HAND_OVER_JOB, input, caller);
}

async function handOver(
  { platform, callers }: Services,
  { caller, params, body }: Call,
): Promise<Answer | Refusal> {
  const input = inputOf(body, {});
  if (isRefusal(input)) return input as Refusal;
  const invalid = validate(asked as unknown as TObject, input);
  if (invalid) return invalid;
  const job = await beginHandOver(
    platform,
    caller,
    params['id']!,
    input as unknown as HandOverAsked,
  );
  callers.forget(caller.tenantId);
  return isRefusal(job) ? (job as Refusal) : jobAccepted(platform, caller, job as Job);
}

/** What becomes of the records of somebody who leaves. */
export function handOverEndpoints(services: Services): Endpoint[] {
  return [
    {
      operation: 'hand_over_user',
      method: 'POST',
      path: '/users/:id/hand-over',
      tag: 'users',
      summary: 'Hand the records of a person over',
      description:
        'Begins a job that gives companies, contacts, deals and open tasks of a person to another ' +
        'one; what is archived or done stays as it is. With deactivate the person is shut out first.',
      access,
      body: plain(asked),
      example: { toUserId: '01890a5d-ac96-774b-bcce-b302099a8057', deactivate: true },
      answer: {
        status: 202,
        description: 'The job; Location says where to follow it.',
        data: ref('Job'),
        headers: ['Location'],
      },
      refusals: ['404 NOT_FOUND', '422 RECEIVER_NOT_ACTIVE', '422 LAST_OWNER', '422 OWN_ACCOUNT'],
      handle: (call) => handOver(services, call),
    },
  ];
}

import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { erasureReasons } from '#event-schemas/platform/erasure.events';
import { ERASURE_JOB } from '#platform/erasure/forget-jobs';
import type { Job } from '#platform/jobs/job';
import type { Platform } from '#platform/platform';
import type { RequestContext } from '#kernel/context';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { jobAccepted } from './jobs-shown.js';
import { objectOf, ref, text, uuid } from './schemas.js';
import type { Services } from './services.js';
import { inputOf } from './writes.js';

/** Why and under which number a person is erased; `confirm` repeats whom. */
export interface ErasureAsked {
  readonly confirm?: unknown;
  readonly reason?: unknown;
  readonly reference?: unknown;
}

const unconfirmed = refusal('CONFIRMATION_MISSING', 'shape', 'confirm must repeat the id.', [
  {
    field: 'confirm',
    rule: 'confirm',
    message: 'What is erased cannot be brought back, so confirm must repeat the id.',
    remedy: 'Send the id of the subject as confirm as well.',
  },
]);

/** Begins an erasure; the same for REST and GraphQL. */
export async function beginErasure(
  { jobs }: Platform,
  caller: RequestContext,
  subjectId: string,
  { confirm, ...asked }: ErasureAsked,
): Promise<Job | Refusal> {
  if (confirm !== subjectId) return unconfirmed;
  return jobs.start(ERASURE_JOB, { ...asked, subjectId: subjectId.toLowerCase() }, caller);
}

async function erase(
  { platform }: Services,
  { caller, params, body }: Call,
): Promise<Answer | Refusal> {
  const input = inputOf(body, {});
  if (isRefusal(input)) return input as Refusal;
  const job = await beginErasure(platform, caller, params['id']!, input as ErasureAsked);
  return isRefusal(job) ? (job as Refusal) : jobAccepted(platform, caller, job as Job);
}

/** Erasing people. */
export function erasureEndpoints(services: Services): Endpoint[] {
  return [
    {
      operation: 'erase_subject',
      method: 'POST',
      path: '/subjects/:id/erase',
      tag: 'subjects',
      summary: 'Erase a person',
      description:
        'Begins a job that destroys the keys of a contact, a user or another record people are ' +
        'described under, for ever. Lists, past versions, timeline, search, snapshots and copies ' +
        'forget; the record is closed. The result of the job names what was reached and what ' +
        'remains.',
      access: { permission: 'subjects:delete' },
      stepUp: true,
      body: objectOf(
        {
          confirm: { ...uuid, description: 'The id once more: nothing brings the data back.' },
          reason: { type: 'string', enum: erasureReasons },
          reference: { ...text, maxLength: 100, description: 'Number of the request.' },
        },
        ['confirm', 'reason'],
      ),
      example: {
        confirm: '01890a5d-ac96-774b-bcce-b302099a8057',
        reason: 'request',
        reference: 'REQ-2041',
      },
      answer: {
        status: 202,
        description: 'The job; Location says where to follow it.',
        data: ref('Job'),
        headers: ['Location'],
      },
      refusals: ['400 CONFIRMATION_MISSING'],
      handle: (call) => erase(services, call),
    },
  ];
}

import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { jobStatuses, type Job, type JobStatus } from '#platform/jobs/job';
import type { JobPage } from '#platform/jobs/jobs';
import type { Answer, Call, Endpoint, Parameter } from './endpoint.js';
import { decodeJobCursor, encodeJobCursor, shownJobs } from './jobs-shown.js';
import { cursor, limit, wholeOf } from './parameters.js';
import { listOf, ref } from './schemas.js';
import type { Services } from './services.js';

const invalid = (field: string, rule: string, message: string, remedy: string): Refusal =>
  refusal('VALIDATION_ERROR', 'shape', message, [{ field, rule, message, remedy }]);

const filters: readonly Parameter[] = [
  {
    name: 'status',
    description: 'Only jobs that stand like this.',
    schema: { type: 'string', enum: jobStatuses },
  },
  {
    name: 'kind',
    description: 'Only jobs of this kind: import.',
    schema: { type: 'string', maxLength: 100 },
  },
];

async function one({ platform }: Services, { caller }: Call, job: Job | Refusal) {
  if (isRefusal(job)) return job as Refusal;
  const [data] = await shownJobs(platform, caller, [job as Job]);
  return { data };
}

async function list({ platform }: Services, { caller, query }: Call): Promise<Answer | Refusal> {
  const { status, kind, cursor: given } = query;
  if (status !== undefined && !jobStatuses.includes(status as JobStatus)) {
    const remedy = `Use one of ${jobStatuses.join(', ')}.`;
    return invalid('status', 'enum', 'status is none of the allowed values.', remedy);
  }
  if (kind !== undefined && (String(kind).includes('\u0000') || String(kind).length > 100)) {
    const message = 'kind must be text of at most 100 characters.';
    return invalid('kind', 'text', message, 'Give the kind of a job, such as import.');
  }
  const size = wholeOf('limit', query['limit'], [1, 100], 20);
  if (isRefusal(size)) return size;
  const after = given === undefined ? undefined : decodeJobCursor(String(given));
  if (given !== undefined && !after) {
    const message = 'The cursor does not belong to this list.';
    return invalid('cursor', 'cursor', message, 'Give pagination.nextCursor of the page before.');
  }
  const page = await platform.jobs.list(caller, {
    limit: size as number,
    ...(status ? { status: status as JobStatus } : {}),
    ...(kind ? { kind: String(kind) } : {}),
    ...(after ? { after } : {}),
  });
  if (isRefusal(page)) return page as Refusal;
  const { jobs, hasNext } = page as JobPage;
  const last = jobs.at(-1);
  return {
    data: await shownJobs(platform, caller, jobs),
    pagination: {
      limit: size,
      hasNext,
      hasPrev: after !== undefined,
      nextCursor: hasNext && last ? encodeJobCursor(last) : null,
    },
  };
}

async function resultFile(
  { platform }: Services,
  { caller, params }: Call,
): Promise<Answer | Refusal> {
  const found = await platform.jobs.get(caller, params['id']!);
  if (isRefusal(found)) return found as Refusal;
  const job = found as Job;
  const stream = await platform.jobs.definition(job.kind)?.resultFile?.(job, platform);
  if (!stream) {
    const message = 'The job has no result file.';
    const remedy = 'There is one once an import has rejected rows.';
    return refusal('NOT_FOUND', 'missing', message, [{ rule: 'file', message, remedy }]);
  }
  return {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${job.kind}-${job.id}.csv"`,
    },
    stream,
  };
}

/** Work that outlives a request: how it stands, and cancelling or retrying it. */
export function jobEndpoints(services: Services): Endpoint[] {
  const { jobs } = services.platform;
  const shared = { tag: 'jobs', refusals: ['404 NOT_FOUND'] } as const;
  const answer = { status: 200, description: 'The job.', data: ref('Job') } as const;
  const read = { permission: 'jobs:read' } as const;
  const update = { permission: 'jobs:update' } as const;
  return [
    {
      operation: 'list_jobs',
      method: 'GET',
      path: '/jobs',
      tag: 'jobs',
      summary: 'List jobs',
      description: 'The latest first: the own ones, and those of everybody for administrators.',
      access: read,
      query: [...filters, limit, cursor],
      answer: {
        status: 200,
        description: 'A page of jobs.',
        data: listOf(ref('Job')),
        paged: true,
      },
      handle: (call) => list(services, call),
    },
    {
      ...shared,
      operation: 'get_job',
      method: 'GET',
      path: '/jobs/:id',
      summary: 'Read a job',
      description: 'How far it is, and in the end what came of it.',
      access: read,
      answer,
      handle: async (call) => one(services, call, await jobs.get(call.caller, call.params['id']!)),
    },
    {
      ...shared,
      operation: 'job_result_file',
      method: 'GET',
      path: '/jobs/:id/result-file',
      summary: 'Download the result file of a job',
      description:
        'Of an import: line, column, value, rule, message and remedy of every rejected row, as CSV.',
      access: read,
      answer: { status: 200, description: 'A CSV file.' },
      handle: (call) => resultFile(services, call),
    },
    {
      ...shared,
      operation: 'cancel_job',
      method: 'POST',
      path: '/jobs/:id/cancel',
      summary: 'Cancel a job',
      description:
        'One that waits is cancelled at once; one that runs stops within a second. What it has ' +
        'done stays.',
      access: update,
      answer,
      refusals: ['404 NOT_FOUND', '422 JOB_FINISHED'],
      handle: async (call) =>
        one(services, call, await jobs.cancel(call.caller, call.params['id']!)),
    },
    {
      ...shared,
      operation: 'retry_job',
      method: 'POST',
      path: '/jobs/:id/retry',
      summary: 'Retry a job',
      description:
        'Lets a job that failed or was cancelled go on where it ended. Needs the permissions that ' +
        'beginning it took.',
      access: update,
      answer,
      refusals: ['404 NOT_FOUND', '422 JOB_NOT_RETRYABLE', '422 JOB_KIND_UNKNOWN'],
      handle: async (call) =>
        one(services, call, await jobs.retry(call.caller, call.params['id']!)),
    },
  ];
}

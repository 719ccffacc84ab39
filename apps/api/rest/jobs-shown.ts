import type { Job } from '#platform/jobs/job';
import type { JobCursor } from '#platform/jobs/jobs';
import { isUuid } from '#kernel/ids';
import type { RequestContext } from '#kernel/context';
import type { Platform } from '#platform/platform';
import type { Answer, JsonSchema } from './endpoint.js';
import { count, instant, maybe, objectOf, text, uuid } from './schemas.js';

/** A job with the name of whoever began it; the tenant follows from who asks. */
export interface ShownJob extends Omit<Job, 'tenantId' | 'createdById'> {
  readonly createdBy: { readonly id: string; readonly name: string | null } | null;
}

/** Jobs as they are answered; the people are read in one go. */
export async function shownJobs(
  platform: Platform,
  caller: RequestContext,
  jobs: readonly Job[],
): Promise<readonly ShownJob[]> {
  const ids = [...new Set(jobs.flatMap(({ createdById }) => createdById ?? []))];
  const users = platform.registry.readModels.get('users');
  const people = users && ids.length > 0 ? await platform.reader.many(caller, users, ids) : [];
  const names = new Map(people.map((row) => [row['id'], row['fullName'] as string | null]));
  return jobs.map(({ tenantId: _tenant, createdById: by, ...job }) => ({
    ...job,
    createdBy: by === null ? null : { id: by, name: names.get(by) ?? null },
  }));
}

/** The answer to whoever began a job: `202 Accepted` with where to follow it. */
export async function jobAccepted(
  platform: Platform,
  caller: RequestContext,
  job: Job,
): Promise<Answer> {
  const [data] = await shownJobs(platform, caller, [job]);
  return { status: 202, data, headers: { location: `/api/v1/jobs/${job.id}` } };
}

export function encodeJobCursor({ createdAt, id }: JobCursor): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');
}

/** Undefined for what is no cursor of ours. */
export function decodeJobCursor(given: string): JobCursor | undefined {
  try {
    const [at, id] = JSON.parse(Buffer.from(given, 'base64url').toString()) as unknown[];
    const createdAt = new Date(typeof at === 'string' ? at : NaN);
    return Number.isNaN(createdAt.getTime()) || !isUuid(id) ? undefined : { createdAt, id };
  } catch {
    return undefined;
  }
}

const number: JsonSchema = { type: 'number', minimum: 0 };

export const jobSchema: JsonSchema = {
  ...objectOf({
    id: uuid,
    kind: { ...text, description: 'What it does: import.' },
    title: text,
    status: {
      type: 'string',
      enum: ['queued', 'running', 'succeeded', 'failed', 'cancelled'],
    },
    progress: objectOf({
      done: count,
      total: { ...maybe(count), description: 'Null while nobody knows.' },
      unit: { ...text, description: 'What is counted: rows.' },
      rate: { ...maybe(number), description: 'Units a second at present.' },
      secondsLeft: maybe(count),
    }),
    result: {
      ...maybe({ type: 'object' }),
      description: 'What came of it; its form follows from the kind.',
    },
    error: maybe(objectOf({ code: text, message: text, remedy: text })),
    attempts: { ...count, description: 'How often it was begun.' },
    createdBy: {
      ...maybe(objectOf({ id: uuid, name: maybe(text) })),
      description: 'Null where the product itself began it.',
    },
    createdAt: instant,
    startedAt: maybe(instant),
    finishedAt: maybe(instant),
    cancelRequested: { type: 'boolean', description: 'It runs on until it has stopped.' },
  }),
  description: 'A piece of work that outlives the request it began with.',
};

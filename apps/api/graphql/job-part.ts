import { isRefusal, type Refusal } from '#kernel/refusal';
import type { Job, JobStatus } from '#platform/jobs/job';
import { decodeJobCursor, encodeJobCursor, shownJobs } from '../rest/jobs-shown.js';
import type { GraphqlContext } from './context.js';
import { badArgument, orThrow } from './errors.js';
import { pageSize } from './list-arguments.js';
import type { SchemaPart } from './resolvers.js';

const sdl = `
enum JobStatus { queued running succeeded failed cancelled }
"A piece of work that outlives the request it began with."
type Job {
  id: ID!
  "What it does: import."
  kind: String!
  title: String!
  status: JobStatus!
  progress: JobProgress!
  "What came of it; its form follows from the kind."
  result: JSON
  error: JobError
  "How often it was begun."
  attempts: Int!
  "Null where the product itself began it."
  createdBy: JobCreator
  createdAt: DateTime!
  startedAt: DateTime
  finishedAt: DateTime
  "It runs on until it has stopped."
  cancelRequested: Boolean!
}
type JobProgress {
  done: Float!
  "Null while nobody knows."
  total: Float
  "What is counted: rows."
  unit: String!
  "Units a second at present."
  rate: Float
  secondsLeft: Int
}
type JobError {
  code: String!
  message: String!
  remedy: String!
}
type JobCreator {
  id: ID!
  name: String
}
type JobConnection {
  nodes: [Job!]!
  pageInfo: PageInfo!
}
union JobResult = Job | Refused
extend type Query {
  "One job, or null when there is none the caller may see."
  job(id: ID!): Job
  "The latest first: the own ones, and those of everybody for administrators."
  jobs(status: JobStatus, kind: String, first: Int = 20, after: String): JobConnection!
}
extend type Mutation {
  "Cancels what waits at once; what runs stops within a second. What it has done stays."
  cancelJob(id: ID!): JobResult!
  "Lets a job that failed or was cancelled go on where it ended."
  retryJob(id: ID!): JobResult!
}
`;

interface JobsArguments {
  readonly status?: JobStatus | null;
  readonly kind?: string | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

/** A job, or why there is none, as a mutation answers it. */
export async function jobResult(
  { platform, caller }: GraphqlContext,
  job: Job | Refusal,
): Promise<object> {
  if (isRefusal(job)) return { ...job, __typename: 'Refused' };
  const [shown] = await shownJobs(platform, caller, [job as Job]);
  return { ...shown, __typename: 'Job' };
}

const job = async (_: unknown, { id }: { readonly id: string }, context: GraphqlContext) => {
  const found = await context.platform.jobs.get(context.caller, id);
  if (isRefusal(found) && found.category === 'missing') return null;
  return (await shownJobs(context.platform, context.caller, [orThrow(found) as Job]))[0];
};

const jobs = async (_: unknown, args: JobsArguments, { platform, caller }: GraphqlContext) => {
  const { status, kind, first, after: given } = args;
  const after = given ? decodeJobCursor(given) : undefined;
  if (given && !after) {
    const message = 'The cursor does not belong to this list.';
    throw badArgument('after', 'cursor', message, 'Give pageInfo.endCursor of the page before.');
  }
  const page = orThrow(
    await platform.jobs.list(caller, {
      limit: pageSize(first),
      ...(status ? { status } : {}),
      ...(kind ? { kind } : {}),
      ...(after ? { after } : {}),
    }),
  );
  const [start, end] = [page.jobs[0], page.jobs.at(-1)];
  return {
    nodes: await shownJobs(platform, caller, page.jobs),
    pageInfo: {
      hasNextPage: page.hasNext,
      hasPreviousPage: after !== undefined,
      startCursor: start ? encodeJobCursor(start) : null,
      endCursor: end ? encodeJobCursor(end) : null,
    },
  };
};

type ById = { readonly id: string };

/** Jobs: the same as in REST; files are downloaded there. */
export function jobPart(): SchemaPart {
  return {
    sdl,
    resolvers: {
      Query: { job, jobs },
      Mutation: {
        cancelJob: async (_: unknown, { id }: ById, context: GraphqlContext) =>
          jobResult(context, await context.platform.jobs.cancel(context.caller, id)),
        retryJob: async (_: unknown, { id }: ById, context: GraphqlContext) =>
          jobResult(context, await context.platform.jobs.retry(context.caller, id)),
      },
    },
  };
}

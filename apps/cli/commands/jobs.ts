import { setTimeout as sleep } from 'node:timers/promises';
import { jobStatuses, type Job, type JobStatus } from '#platform/jobs/job';
import { systemContext, type Platform } from '#platform/platform';
import { exit, orRefused, UsageError, wholeOption, type Call, type Command } from '../command.js';
import { progressOn } from '../progress.js';
import { tenantOf, tenantOption } from '../tenant.js';

const LOOK_MS = 500;

/** Operators see every job of the tenant they name. */
async function jobsOf(call: Call) {
  const { platform } = await call.open();
  const { id } = await tenantOf(call, platform);
  return { platform, ctx: systemContext(id, 'cli') };
}

function counted({ progress: { done, total, unit } }: Job): string {
  const all = total === null ? '' : ` of ${total.toLocaleString('en')}`;
  return `${done.toLocaleString('en')}${all} ${unit}`;
}

function show({ out }: Call, job: Job): void {
  const lines: readonly (readonly [string, unknown])[] = [
    ['Id', job.id],
    ['Title', job.title],
    ['Kind', job.kind],
    ['Status', job.cancelRequested && job.status === 'running' ? 'stopping' : job.status],
    ['Progress', counted(job)],
    ['Attempts', job.attempts],
    ['Created', job.createdAt],
    ['Started', job.startedAt],
    ['Finished', job.finishedAt],
    ['Result', job.result],
    ['Error', job.error && `${job.error.message} ${job.error.remedy}`],
  ];
  out.table(
    [
      { key: 'name', title: 'Job' },
      { key: 'value', title: '' },
    ],
    lines.flatMap(([name, value]) => (value === null ? [] : [{ name, value }])),
  );
}

const isOver = ({ status }: Job) => status !== 'queued' && status !== 'running';

/** Shows how a job gets on until it has ended or the person has seen enough. */
async function follow(call: Call, read: () => Promise<Job>): Promise<Job> {
  const progress = progressOn(call.out.terminal, call.out.json);
  let job = await read();
  progress.begin(job.title, job.progress.unit);
  while (!isOver(job) && !call.signal.aborted) {
    await sleep(LOOK_MS, undefined, { signal: call.signal }).catch(() => undefined);
    job = await read();
    const { done, total } = job.progress;
    progress.update(done, total ? done / total : undefined);
  }
  progress.end(`${job.status}, ${counted(job)}`);
  return job;
}

export const listJobs: Command = {
  words: ['jobs', 'list'],
  summary: 'Lists the jobs of a workspace, the latest first.',
  options: {
    ...tenantOption,
    status: { type: 'string', value: 'STATUS', description: `One of ${jobStatuses.join(', ')}.` },
    kind: { type: 'string', value: 'KIND', description: 'Jobs of this kind: import.' },
    limit: { type: 'string', value: 'N', default: '50', description: 'How many.' },
  },
  example: 'clientforge jobs list --status failed --tenant 01890a5d-ac96-774b-bcce-b302099a8057',
  async run(call) {
    const [status, kind] = [call.text('status'), call.text('kind')];
    if (status !== undefined && !jobStatuses.includes(status as JobStatus)) {
      throw new UsageError(`--status takes one of ${jobStatuses.join(', ')}, not ${status}.`);
    }
    const limit = wholeOption(call, 'limit', 1, 1000);
    const { platform, ctx } = await jobsOf(call);
    const { jobs } = orRefused(
      await platform.jobs.list(ctx, {
        limit,
        ...(status ? { status: status as JobStatus } : {}),
        ...(kind ? { kind } : {}),
      }),
    );
    call.out.answer(jobs, () => {
      if (jobs.length === 0) return call.out.line('There is no such job.');
      call.out.table(
        [
          { key: 'id', title: 'Id' },
          { key: 'kind', title: 'Kind' },
          { key: 'title', title: 'Title' },
          { key: 'status', title: 'Status' },
          { key: 'progress', title: 'Progress', right: true },
          { key: 'attempts', title: 'Attempts', right: true },
          { key: 'createdAt', title: 'Created' },
        ],
        jobs.map((job) => ({ ...job, progress: counted(job) })),
      );
    });
  },
};

export const showJob: Command = {
  words: ['jobs', 'show'],
  summary: 'Shows a job; ends with 1 when it failed or was cancelled.',
  operands: ['ID'],
  options: {
    ...tenantOption,
    follow: { type: 'boolean', description: 'Stay until it has ended, with a progress bar.' },
  },
  example:
    'clientforge jobs show 01890a5d-ac96-774b-bcce-b302099a8058 --follow ' +
    '--tenant 01890a5d-ac96-774b-bcce-b302099a8057',
  async run(call) {
    const { platform, ctx } = await jobsOf(call);
    const read = async () => orRefused(await platform.jobs.get(ctx, call.operands[0]!));
    const job = call.flag('follow') ? await follow(call, read) : await read();
    call.out.answer(job, () => show(call, job));
    return job.status === 'failed' || job.status === 'cancelled' ? exit.refused : exit.done;
  },
};

/** A command that changes one job. */
function change(verb: 'cancel' | 'retry', summary: string, say: (job: Job) => string): Command {
  return {
    words: ['jobs', verb],
    summary,
    operands: ['ID'],
    options: tenantOption,
    example:
      `clientforge jobs ${verb} 01890a5d-ac96-774b-bcce-b302099a8058 ` +
      '--tenant 01890a5d-ac96-774b-bcce-b302099a8057',
    async run(call) {
      const { platform, ctx }: { platform: Platform; ctx: ReturnType<typeof systemContext> } =
        await jobsOf(call);
      const job = orRefused(await platform.jobs[verb](ctx, call.operands[0]!));
      call.out.answer(job, () => call.out.line(say(job)));
    },
  };
}

/** The queue of every workspace is one, so this needs no tenant. */
export const deriveJobs: Command = {
  words: ['jobs', 'derive'],
  summary: 'Stores jobs of effects again that the queue lost, read from the log.',
  options: {
    days: { type: 'string', value: 'N', default: '30', description: 'How far to reach back.' },
  },
  example: 'clientforge jobs derive --days 2',
  async run(call) {
    const days = wholeOption(call, 'days', 1, 3_650);
    const { platform } = await call.open();
    const since = new Date(Date.now() - days * 86_400_000);
    const derived = await platform.effects.derive({ since, signal: call.signal });
    call.out.answer(derived, () =>
      call.out.line(`${derived.jobs} jobs were missing, of ${derived.events} events.`),
    );
  },
};

export const cancelJob = change(
  'cancel',
  'Cancels a job; what it has done stays.',
  ({ title, status }) =>
    status === 'cancelled' ? `${title} is cancelled.` : `${title} stops within a second.`,
);

export const retryJob = change(
  'retry',
  'Lets a job that failed or was cancelled go on where it ended.',
  ({ title }) => `${title} waits; a running server or worker takes it up.`,
);

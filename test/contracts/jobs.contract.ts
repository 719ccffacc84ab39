import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { everything, type RequestContext } from '#kernel/context';
import { integer, object, text } from '#kernel/fields';
import { uuidv7 } from '#kernel/ids';
import { isRefusal, refusal } from '#kernel/refusal';
import { JobClaims } from '#platform/jobs/claims';
import { defineJob, type Job, type JobCall, type JobResult } from '#platform/jobs/job';
import type { JobPage } from '#platform/jobs/jobs';
import { JobRunner, type JobRunnerOptions } from '#platform/jobs/runner';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

type Work = (call: JobCall<{ name: string; steps?: number }>) => Promise<JobResult>;

/** What the jobs of this spec do, by the name in their input. */
const works = new Map<string, Work>();
const forgotten: string[] = [];

const spec = defineJob({
  kind: 'spec',
  title: ({ name }) => `Specify ${name}`,
  input: object({ name: text(50), steps: integer(0, 1e6) }),
  permission: ({ name }) => [name === 'forbidden' ? 'none:such' : 'companies:create'],
  unit: 'rows',
  run: (call) => works.get(call.input.name)!(call),
  forget: ({ id }) => Promise.resolve(void forgotten.push(id)),
});

/** What every queue of jobs keeps; `queue` says which one, once per run. */
export function jobsContract(queue: () => Promise<{ readonly redisUrl?: string }>): void {
  let test: TestPlatform;
  let ctx: RequestContext;
  const runners: JobRunner[] = [];
  beforeAll(async () => {
    test = await startTestPlatform(undefined, { jobs: [spec], ...(await queue()) });
    ctx = test.caller();
  });
  afterEach(() => Promise.all(runners.splice(0).map((runner) => runner.stop())));
  afterAll(() => test.close());

  const worker = (more: Partial<JobRunnerOptions> = {}) => {
    const runner = new JobRunner(test.platform, {
      atOnce: 2,
      keepDays: 30,
      contextOf: (by) =>
        Promise.resolve({ ...ctx, tenantId: by.tenantId, actor: by.actor, grants: everything }),
      log: ({ message }) => logged.push(message),
      pauseAfter: () => 0,
      ...more,
    });
    runners.push(runner);
    runner.start();
    return runner;
  };
  const logged: string[] = [];
  const begin = async (name: string, work: Work, steps = 0): Promise<Job> => {
    works.set(name, work);
    const job = await test.platform.jobs.start('spec', { name, steps }, ctx);
    if (isRefusal(job)) throw new Error(JSON.stringify(job));
    return job as Job;
  };
  const show = async (id: string) => (await test.platform.jobs.get(ctx, id)) as Job;
  const until = async (id: string, holds: (job: Job) => boolean): Promise<Job> => {
    for (const end = Date.now() + 20_000; ; await sleep(20)) {
      const job = await show(id);
      if (holds(job)) return job;
      if (Date.now() > end) throw new Error(`still ${JSON.stringify(job)}`);
    }
  };
  const over = (id: string) =>
    until(id, ({ status }) => ['succeeded', 'failed', 'cancelled'].includes(status));
  const row = async (id: string) => {
    const { rows } = await test.test.admin((client) =>
      client.query<Record<string, unknown>>('SELECT * FROM job WHERE id = $1', [id]),
    );
    return rows[0]!;
  };
  const change = (id: string, changes: string) =>
    test.test.admin((client) => client.query(`UPDATE job SET ${changes} WHERE id = $1`, [id]));
  const stopped = ({ signal }: { signal: AbortSignal }) =>
    new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });

  it('runs a job once and shows what came of it', async () => {
    worker();
    worker();
    let runs = 0;
    const { id } = await begin(
      'once',
      async ({ progress, input }) => {
        runs += 1;
        progress(input.steps!, input.steps!);
        return { counted: input.steps };
      },
      42,
    );
    expect(await over(id)).toMatchObject({
      kind: 'spec',
      title: 'Specify once',
      status: 'succeeded',
      progress: { done: 42, total: 42, unit: 'rows', rate: null, secondsLeft: null },
      result: { counted: 42 },
      error: null,
      attempts: 1,
      createdById: ctx.actor.id,
      cancelRequested: false,
    });
    expect(runs).toBe(1);
  });

  it('begins the same id only once', async () => {
    const id = uuidv7();
    works.set('same', () => Promise.resolve({}));
    const start = () => test.platform.jobs.start('spec', { name: 'same', steps: 0 }, ctx, id);
    const [first, second] = await Promise.all([start(), start()]);
    expect(first).toMatchObject({ id, status: 'queued' });
    expect(second).toMatchObject({ id });
    worker();
    expect(await over(id)).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(await start()).toMatchObject({ id, status: 'succeeded' });
  });

  it('refuses input of another shape and those without the right, and stores nothing', async () => {
    const { jobs } = test.platform;
    const refused = await jobs.start('spec', { name: '' }, ctx);
    expect(refused).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [
        expect.objectContaining({ field: 'steps' }),
        expect.objectContaining({ field: 'name' }),
      ],
    });
    const bare = { ...ctx, grants: { 'companies:read': 'all', 'jobs:read': 'all' } } as const;
    expect(await jobs.start('spec', { name: 'x', steps: 1 }, bare)).toMatchObject({
      category: 'forbidden',
      message: expect.stringContaining('companies:create') as unknown,
    });
    const { jobs: all } = (await jobs.list(bare, { limit: 100 })) as JobPage;
    expect(all.filter(({ title }) => title === 'Specify x')).toEqual([]);
  });

  it('asks again for the right when the job runs', async () => {
    worker({ contextOf: () => Promise.resolve({ ...ctx, grants: {} }) });
    const { id } = await begin('demoted', () => Promise.resolve({}));
    expect(await over(id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'FORBIDDEN', message: expect.stringContaining('companies:create') as unknown },
    });
  });

  it('tries again after surprises, a bounded number of times, and tells nothing of their inside', async () => {
    worker();
    const { id } = await begin('unlucky', () => Promise.reject(new Error('secret inside')));
    const job = await over(id);
    expect(job).toMatchObject({ status: 'failed', attempts: 5, error: { code: 'INTERNAL_ERROR' } });
    expect(JSON.stringify(job)).not.toContain('secret');
    expect(logged.filter((line) => line.includes(id))).toHaveLength(5);
    works.set('unlucky', () => Promise.resolve({ at: 'last' }));
    expect(await test.platform.jobs.retry(ctx, id)).toMatchObject({
      status: 'queued',
      error: null,
    });
    expect(await over(id)).toMatchObject({ status: 'succeeded', attempts: 6 });
  });

  it('waits longer after each surprise', async () => {
    const pauses: number[] = [];
    worker({ pauseAfter: (failures) => (pauses.push(failures), 0) });
    const { id } = await begin('pauses', () => Promise.reject(new Error('again')));
    await over(id);
    expect(pauses).toEqual([1, 2, 3, 4]);
  });

  it('does not give up a job that gets on between its surprises', async () => {
    worker();
    const { id } = await begin('steady', async ({ checkpoint, save }) => {
      const step = Number(checkpoint ?? 0) + 1;
      await save(step);
      if (step < 9) throw new Error('again');
      return { step };
    });
    expect(await over(id)).toMatchObject({ status: 'succeeded', attempts: 9, result: { step: 9 } });
  });

  it('does not try again what was refused', async () => {
    worker();
    const { id } = await begin('refused', () => {
      const message = 'The file is gone.';
      return Promise.resolve(
        refusal('FILE_GONE', 'rule', message, [{ message, remedy: 'Upload it again.' }]) as never,
      );
    });
    expect(await over(id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'FILE_GONE', message: 'The file is gone.', remedy: 'Upload it again.' },
    });
  });

  it('cancels a waiting job at once', async () => {
    const { id } = await begin('waiting', () => Promise.resolve({}));
    expect(await test.platform.jobs.cancel(ctx, id)).toMatchObject({ status: 'cancelled' });
    expect(await test.platform.jobs.cancel(ctx, id)).toMatchObject({ status: 'cancelled' });
    worker();
    await sleep(100);
    expect(await show(id)).toMatchObject({ status: 'cancelled', attempts: 0, startedAt: null });
  });

  it('cancels a running job within a second, and goes on where it ended when retried', async () => {
    worker();
    const seen: unknown[] = [];
    const { id } = await begin('long', async (call) => {
      seen.push(call.checkpoint);
      if (call.checkpoint) return { on: 'resumed' };
      await call.save({ at: 7 }, { done: 7, total: 10 });
      return stopped(call);
    });
    await until(id, ({ progress }) => progress.done === 7);
    const asked = Date.now();
    expect(await test.platform.jobs.cancel(ctx, id)).toMatchObject({ cancelRequested: true });
    expect(await over(id)).toMatchObject({ status: 'cancelled', progress: { done: 7, total: 10 } });
    expect(Date.now() - asked).toBeLessThan(1_000);
    await test.platform.jobs.retry(ctx, id);
    expect(await over(id)).toMatchObject({ status: 'succeeded', result: { on: 'resumed' } });
    expect(seen).toEqual([null, { at: 7 }]);
    expect(await test.platform.jobs.cancel(ctx, id)).toMatchObject({ code: 'JOB_FINISHED' });
    expect(await test.platform.jobs.retry(ctx, id)).toMatchObject({ code: 'JOB_NOT_RETRYABLE' });
  });

  it('keeps what a cancelled job answers', async () => {
    worker();
    const { id } = await begin('partial', async (call) => {
      await stopped(call).catch(() => undefined);
      return { created: 3 };
    });
    await until(id, ({ status }) => status === 'running');
    await test.platform.jobs.cancel(ctx, id);
    expect(await over(id)).toMatchObject({ status: 'cancelled', result: { created: 3 } });
  });

  it('hands a running job to the next process at once', async () => {
    const first = worker();
    const { id } = await begin('handed', async (call) => {
      if (call.checkpoint) return { from: call.checkpoint };
      await call.save({ at: 5 });
      return stopped(call);
    });
    await until(id, ({ status }) => status === 'running');
    await first.stop();
    expect(await show(id)).toMatchObject({ status: 'queued', attempts: 1 });
    expect(await row(id)).toMatchObject({ failures: 0 });
    worker();
    expect(await over(id)).toMatchObject({ status: 'succeeded', result: { from: { at: 5 } } });
  });

  it('R11 refuses what a process writes after its lease went to another one', async () => {
    const { platform } = test;
    const { id, tenantId } = await begin('fenced', () => Promise.resolve({}));
    const zombie = new JobClaims(platform.database, platform.jobDocuments, 'zombie', 15);
    const other = new JobClaims(platform.database, platform.jobDocuments, 'other', 15);
    const stale = (await zombie.claim({ tenantId, id }, ['spec']))!;
    expect(await other.claim({ tenantId, id }, ['spec'])).toBeUndefined();
    await change(id, `due_at = clock_timestamp() - interval '1 second'`);
    const fresh = (await other.claim({ tenantId, id }, ['spec']))!;
    const progress = { done: 1, total: 2, rate: null };
    expect(await zombie.finish(stale, { status: 'succeeded', result: {} }, progress)).toBe(false);
    await expect(zombie.save(stale, { at: 1 }, progress, true)).rejects.toThrow('lost');
    await expect(zombie.beat(stale, progress)).rejects.toThrow('lost');
    expect(await zombie.handOver(stale, progress)).toBe(false);
    expect(await row(id)).toMatchObject({ status: 'running', holder: 'other', checkpoint: null });
    expect(await other.finish(fresh, { status: 'succeeded', result: {} }, progress)).toBe(true);
  });

  it('stops a job whose lease was lost, and stores nothing of it', async () => {
    worker();
    let why: unknown;
    const { id } = await begin('lost', (call) =>
      stopped(call).catch((reason: unknown) => {
        why = reason;
        return { ended: true };
      }),
    );
    await until(id, ({ status }) => status === 'running');
    await change(id, `fence = fence + 1, holder = 'other'`);
    while (!why) await sleep(20);
    expect(why).toMatchObject({ why: 'lost' });
    expect(await row(id)).toMatchObject({ status: 'running', result: null });
    await change(id, `status = 'failed', finished_at = clock_timestamp()`);
  });

  it('gives up a job whose process died of it again and again', async () => {
    const { id } = await begin('deadly', () => Promise.resolve({}));
    await change(id, `status = 'running', failures = 5, due_at = clock_timestamp()`);
    worker();
    expect(await over(id)).toMatchObject({ status: 'failed', error: { code: 'INTERNAL_ERROR' } });
  });

  it('ends a job that was to be cancelled when its process died', async () => {
    const { id } = await begin('orphan', () => Promise.resolve({}));
    await change(id, `status = 'running', cancel_requested = true, due_at = clock_timestamp()`);
    worker();
    expect(await over(id)).toMatchObject({ status: 'cancelled' });
  });

  it('finds what waits although nobody was told', async () => {
    worker();
    await sleep(300);
    works.set('silent', () => Promise.resolve({ found: true }));
    const { id } = (await test.platform.jobs.start(
      'spec',
      { name: 'silent', steps: 0 },
      ctx,
    )) as Job;
    await change(id, `status = 'queued', due_at = clock_timestamp() + interval '700 ms'`);
    expect(await over(id)).toMatchObject({ status: 'succeeded', result: { found: true } });
  });

  it('writes progress at most twice a second, with a rate and the time left', async () => {
    worker();
    const { id } = await begin('busy', async ({ progress }) => {
      for (let done = 0; done < 100; done++) {
        progress(done, 1000);
        await sleep(20);
      }
      return {};
    });
    const running = await until(id, ({ progress }) => progress.rate !== null);
    expect(running.progress.rate).toBeGreaterThan(10);
    expect(running.progress.rate).toBeLessThan(60);
    expect(running.progress.secondsLeft).toBeGreaterThan(10);
    await over(id);
  });

  it('is fair: a workspace with many jobs does not keep another one waiting', async () => {
    const order: string[] = [];
    const note: Work = async ({ ctx: { tenantId } }) => {
      order.push(tenantId);
      await sleep(50);
      return {};
    };
    const many = await Promise.all(Array.from({ length: 6 }, () => begin('many', note)));
    const other = test.caller();
    works.set('many', note);
    const small = await test.platform.jobs.start('spec', { name: 'many', steps: 0 }, other);
    worker();
    await Promise.all(many.map(({ id }) => over(id)));
    expect(order.indexOf((small as Job).tenantId)).toBeLessThan(3);
  });

  it('stores nothing of the input, checkpoint and result that can be read', async () => {
    worker();
    const { id } = await begin('sealed-value', async ({ save }) => {
      await save({ note: 'sealed-value' });
      return { note: 'sealed-value' };
    });
    await over(id);
    const { title: _title, ...stored } = await row(id);
    expect(JSON.stringify(stored)).not.toContain('sealed-value');
  });

  it('deletes old jobs with what they kept, and no others', async () => {
    const { id } = await begin('old', () => Promise.resolve({}));
    const young = await begin('young', () => Promise.resolve({}));
    const first = worker();
    await Promise.all([over(id), over(young.id)]);
    await first.stop();
    await change(id, `finished_at = clock_timestamp() - interval '31 days'`);
    worker();
    while (!forgotten.includes(id)) await sleep(20);
    await sleep(50);
    expect(await test.platform.jobs.get(ctx, id)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await show(young.id)).toMatchObject({ status: 'succeeded' });
    expect(forgotten).toEqual([id]);
  });
}

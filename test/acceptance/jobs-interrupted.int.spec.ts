import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { RequestContext } from '#kernel/context';
import { environment } from '#platform/config/environment';
import type { Job } from '#platform/jobs/job';
import { LEASE_SECONDS, stepsJob } from '#test/support/job-worker';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

/** Built with the product; a worker has to be a process of its own to be killed. */
const file = join(import.meta.dirname, '../../dist/test/support/job-worker.js');

interface Worker {
  readonly child: ChildProcess;
  readonly lines: Interface;
}

describe('R11 a job whose worker ends in the middle', () => {
  let test: TestPlatform;
  let ctx: RequestContext;
  const workers: Worker[] = [];
  beforeAll(async () => {
    test = await startTestPlatform(undefined, { jobs: [stepsJob] });
    ctx = test.caller();
    await test.test.admin((client) =>
      client.query(`CREATE TABLE spec_step (job uuid, step int, process int,
        at timestamptz DEFAULT clock_timestamp())`),
    );
  });
  afterEach(async () => {
    for (const { child } of workers.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  afterAll(() => test.close());

  const startWorker = async (): Promise<Worker> => {
    const child = spawn(process.execPath, [file], {
      env: {
        ...environment,
        DATABASE_URL: test.test.url,
        MASTER_KEY: test.test.masterKey.toString('base64'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const worker = { child, lines: createInterface(child.stdout!) };
    workers.push(worker);
    await said(worker, 'ready');
    return worker;
  };
  const said = ({ lines }: Worker, text: string) =>
    new Promise<void>((resolve) => lines.on('line', (line) => line === text && resolve()));
  const begin = async (steps: number) =>
    (await test.platform.jobs.start('steps', { steps }, ctx)) as Job;
  const ended = async (id: string) => {
    for (;;) {
      const job = (await test.platform.jobs.get(ctx, id)) as Job;
      if (job.finishedAt) return job;
      await sleep(50);
    }
  };
  const stepsOf = async (id: string) => {
    const { rows } = await test.test.admin((client) =>
      client.query<{ step: number; process: number; at: Date }>(
        'SELECT step, process, at FROM spec_step WHERE job = $1 ORDER BY at',
        [id],
      ),
    );
    return rows;
  };
  const upTo = (steps: number) => Array.from({ length: steps }, (_, index) => index + 1);

  it('goes on after kill -9 once the lease has ended, each step once', async () => {
    const first = await startWorker();
    const job = await begin(40);
    await said(first, 'saved 4');
    first.child.kill('SIGKILL');
    const second = await startWorker();
    expect(await ended(job.id)).toMatchObject({
      status: 'succeeded',
      attempts: 2,
      progress: { done: 40, total: 40 },
      result: { by: second.child.pid },
    });
    const steps = await stepsOf(job.id);
    expect(steps.map(({ step }) => step)).toEqual(upTo(40));
    const change = steps.findIndex(({ process }) => process === second.child.pid);
    expect(change).toBeGreaterThanOrEqual(4);
    expect(new Set(steps.slice(0, change).map(({ process }) => process))).toEqual(
      new Set([first.child.pid]),
    );
    const idle = steps[change]!.at.getTime() - steps[change - 1]!.at.getTime();
    expect(idle).toBeGreaterThan((LEASE_SECONDS - 1) * 1000);
    expect(idle).toBeLessThan((LEASE_SECONDS + 15) * 1000);
  }, 60_000);

  it('goes on at once elsewhere after SIGTERM', async () => {
    const first = await startWorker();
    const job = await begin(60);
    await said(first, 'saved 3');
    const second = await startWorker();
    const left = once(first.child, 'exit');
    first.child.kill('SIGTERM');
    expect(await left).toEqual([0, null]);
    expect(await ended(job.id)).toMatchObject({ status: 'succeeded', attempts: 2 });
    const steps = await stepsOf(job.id);
    expect(steps.map(({ step }) => step)).toEqual(upTo(60));
    const change = steps.findIndex(({ process }) => process === second.child.pid);
    const idle = steps[change]!.at.getTime() - steps[change - 1]!.at.getTime();
    expect(idle).toBeLessThan(LEASE_SECONDS * 1000 - 500);
  }, 60_000);

  it('is never run by two workers at the same time', async () => {
    await Promise.all([startWorker(), startWorker(), startWorker()]);
    const jobs = await Promise.all(Array.from({ length: 6 }, () => begin(5)));
    for (const { id } of jobs) {
      expect(await ended(id)).toMatchObject({ status: 'succeeded', attempts: 1 });
      const steps = await stepsOf(id);
      expect(steps.map(({ step }) => step)).toEqual(upTo(5));
      expect(new Set(steps.map(({ process }) => process)).size).toBe(1);
    }
  }, 60_000);
});

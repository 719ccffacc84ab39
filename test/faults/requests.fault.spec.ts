import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from '#platform/jobs/job';
import { uuidv7 } from '#kernel/ids';
import { LEASE_SECONDS as JOB_LEASE_SECONDS, stepsJob } from '#test/support/job-worker';
import { startTestPlatform } from '#test/support/platform';
import { openWorld, type FaultWorld } from './world.js';
import type { Writer } from './writers.js';

describe('requests and jobs that are cut off', () => {
  let world: FaultWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    await world.close();
  });

  async function post(url: string, { token }: Pick<Writer, 'token'>, key: string, body: object) {
    const response = await fetch(`${url}/api/v1/companies`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'idempotency-key': `"${key}"`,
      },
      body: JSON.stringify(body),
    });
    const { data, meta, error } = (await response.json()) as {
      readonly data?: { readonly id: string };
      readonly meta?: { readonly position: string };
      readonly error?: { readonly code: string };
    };
    const { status, headers } = response;
    const replay = { data, position: meta?.position, etag: headers.get('etag') };
    return { status, id: data?.id, code: error?.code, replay };
  }
  const stored = async () => {
    const { rows } = await world.test.admin((client) =>
      client.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM es_event WHERE type = 'CompanyCreated'`,
      ),
    );
    return rows[0]!.n;
  };

  it('R17 one Idempotency-Key: 50 at once, another body, another tenant, a crash in the middle', async () => {
    let server = await world.start('server');
    const writer = await world.writer(server.url);
    const key = uuidv7();
    const body = { name: 'Hooli' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(server.url, writer, key, body)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    // Whoever comes while it is under way waits for the one answer, to the letter.
    const [first] = answers;
    for (const { replay } of answers) expect(replay).toEqual(first!.replay);
    expect(await stored()).toBe(1);
    expect(await post(server.url, writer, key, { name: 'Other' })).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    // The same key of another tenant is another request.
    const other = await world.writer(server.url, await world.neighbour());
    const theirs = await post(server.url, other, key, body);
    expect([theirs.status, theirs.id === first!.id, await stored()]).toEqual([201, false, 2]);
    await server.stop();

    const crashed = uuidv7();
    server = await world.start('server', {
      failpoint: 'after_append_before_ack',
    });
    await expect(post(server.url, writer, crashed, body)).rejects.toThrow();
    await server.exited;
    expect(await stored()).toBe(3);
    server = await world.start('server');
    const again = await post(server.url, writer, crashed, body);
    expect(again.status).toBe(201);
    expect(await post(server.url, writer, crashed, body)).toEqual(again);
    // Answers are kept as long as their events: a key outlives the process, and never expires.
    expect(await post(server.url, writer, key, body)).toEqual(first);
    expect(await stored()).toBe(3);
    await world.caughtUp();
    await server.stop();
    expect(await world.ailments(false)).toEqual([]);
  }, 120_000);

  it('R11 a worker killed at every failpoint of a job, and one stopped past its lock', async () => {
    const test = await startTestPlatform(undefined, { jobs: [stepsJob] });
    try {
      const ctx = test.caller();
      await test.test.admin((client) =>
        client.query(`CREATE TABLE spec_step (job uuid, step int, process int,
          at timestamptz DEFAULT clock_timestamp())`),
      );
      const options = {
        ...world.options,
        databaseUrl: test.test.url,
        masterKey: test.test.masterKey,
      };
      const ended = async (id: string) => {
        for (;;) {
          const job = (await test.platform.jobs.get(ctx, id)) as Job;
          if (job.finishedAt) return job;
          await pause(50);
        }
      };
      const names = [
        'job_after_claim',
        'job_before_save',
        'job_after_save',
        'job_after_save:2',
        'job_before_finish',
        'job_after_finish',
      ] as const;
      const job = (await test.platform.jobs.start('steps', { steps: 4 }, ctx)) as Job;
      for (const failpoint of names) {
        const one = await world.start('job', { ...options, failpoint });
        expect([failpoint, (await one.exited).signal]).toEqual([failpoint, 'SIGKILL']);
      }
      const [asleep, heir] = [await world.start('job', options), await world.start('job', options)];
      expect(await ended(job.id)).toMatchObject({ status: 'succeeded', attempts: 6 });

      const long = (await test.platform.jobs.start('steps', { steps: 12 }, ctx)) as Job;
      const taker = async () => {
        for (;;) {
          const { rows } = await test.test.admin((client) =>
            client.query<{ process: number }>(
              'SELECT process FROM spec_step WHERE job = $1 LIMIT 1',
              [long.id],
            ),
          );
          if (rows[0]) return rows[0].process;
          await pause(50);
        }
      };
      const first = await taker();
      const zombie = [asleep, heir].find(({ child }) => child.pid === first)!;
      const other = [asleep, heir].find(({ child }) => child.pid !== first)!;
      zombie.kill('SIGSTOP');
      await pause((JOB_LEASE_SECONDS + 1) * 1_000);
      zombie.kill('SIGCONT');
      // Its result is the heir's: the end of the one that stood still is refused.
      expect(await ended(long.id)).toMatchObject({
        status: 'succeeded',
        attempts: 2,
        result: { by: other.child.pid },
      });
    } finally {
      world.killAll();
      await test.close();
    }
  }, 150_000);
});

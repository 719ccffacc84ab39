import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { everything, type RequestContext } from '#kernel/context';
import { integer, object } from '#kernel/fields';
import { uuidv7 } from '#kernel/ids';
import { queueMaker } from '#platform/jobs/choose-queue';
import { defineJob, type Job } from '#platform/jobs/job';
import { JobRunner } from '#platform/jobs/runner';
import { UnsafeDatabaseError } from '#platform/postgres/boot-checks';
import { TestRedis, withoutRedis } from '#test/contracts/redis-server';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

/** How often each job ran, by its id. */
const runs = new Map<string, number>();

const count = defineJob({
  kind: 'count',
  title: ({ number }) => `Count ${number}`,
  input: object({ number: integer(0, 1e6) }),
  permission: 'companies:create',
  unit: 'rows',
  run: ({ id }) => {
    runs.set(id, (runs.get(id) ?? 0) + 1);
    return Promise.resolve({});
  },
});

for (const id of ['R10', 'R12'])
  if (withoutRedis) it.skip(`${id} ${withoutRedis}`, () => undefined);

(withoutRedis ? describe.skip : describe)('jobs while their Redis is lost', () => {
  let redis: TestRedis;
  let test: TestPlatform;
  let ctx: RequestContext;
  beforeAll(async () => {
    redis = await TestRedis.start();
    test = await startTestPlatform(undefined, { jobs: [count], redisUrl: redis.url });
    ctx = test.caller();
  });
  afterAll(async () => {
    redis.goOn();
    await test.close();
    await redis.stop();
  });

  const withWorker = async (work: () => Promise<void>) => {
    const runner = new JobRunner(test.platform, {
      atOnce: 4,
      keepDays: 30,
      contextOf: (by) => Promise.resolve({ ...by, grants: everything, requestId: uuidv7() }),
    });
    runner.start();
    await work().finally(() => runner.stop());
  };
  /** Begins jobs; fails unless each is acknowledged within a second. */
  const begin = async (many: number): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (let number = 0; number < many; number++) {
      const asked = Date.now();
      const job = (await test.platform.jobs.start('count', { number }, ctx)) as Job;
      expect(job).toMatchObject({ status: 'queued' });
      expect(Date.now() - asked).toBeLessThan(1_000);
      ids.push(job.id);
    }
    return ids;
  };
  const allRanOnce = async (ids: readonly string[]) => {
    for (const end = Date.now() + 20_000; ids.some((id) => !runs.has(id)); await sleep(20)) {
      if (Date.now() > end) break;
    }
    expect(ids.map((id) => runs.get(id))).toEqual(ids.map(() => 1));
  };
  const health = () => test.platform.jobQueue.health();
  const until = async (status: string) => {
    while ((await health()).status !== status) await sleep(20);
  };

  it('R10 FLUSHALL: what is due is told to Redis again', async () => {
    const ids = await begin(30);
    await until('healthy');
    await redis.send('FLUSHALL');
    await withWorker(() => allRanOnce(ids));
    expect(await health()).toEqual({ backend: 'redis', status: 'healthy' });
  });

  it('R10 killed under work: the table serves, and Redis again once it is back', async () => {
    await withWorker(async () => {
      const before = await begin(10);
      await redis.kill();
      const without = await begin(10);
      await allRanOnce([...before, ...without]);
      await until('degraded');
      await redis.run();
      await until('healthy');
      await allRanOnce(await begin(10));
    });
  });

  it('R10 started empty: nothing that waits is lost', async () => {
    const ids = await begin(10);
    await redis.kill();
    redis.forget();
    await redis.run();
    await until('healthy');
    await withWorker(() => allRanOnce(ids));
  });

  it('R12 answers nothing: jobs are acknowledged within a second and run', async () => {
    await withWorker(async () => {
      redis.hang();
      await allRanOnce(await begin(10));
      await until('degraded');
      await allRanOnce(await begin(10));
      redis.goOn();
      await until('healthy');
      await allRanOnce(await begin(10));
    });
  });

  describe('and its settings', () => {
    const open = async (allowUnsafeDurability: boolean, redisUrl = redis.url) => {
      const make = await queueMaker({ redisUrl, allowUnsafeDurability });
      return make(test.platform.database, test.platform.wakeUp);
    };
    const healthAtStart = async (...options: Parameters<typeof open>) => {
      const queue = await open(...options);
      return queue.health().finally(() => queue.close());
    };

    it.each([
      ['appendonly', 'no'],
      ['appendfsync', 'no'],
      ['maxmemory-policy', 'volatile-lru'],
    ])('refuses Redis with %s %s unless that is allowed', async (name, value) => {
      const safe = { appendonly: 'yes', appendfsync: 'everysec', 'maxmemory-policy': 'noeviction' };
      await redis.send('CONFIG', 'SET', name, value);
      try {
        const refusal = healthAtStart(false);
        await expect(refusal).rejects.toThrow(UnsafeDatabaseError);
        await expect(refusal).rejects.toThrow(`${name} ${value}`);
        expect(await healthAtStart(true)).toEqual({
          backend: 'redis',
          status: 'healthy',
          unsafe_durability: [`${name} ${value}`],
        });
      } finally {
        await redis.send('CONFIG', 'SET', name, safe[name as keyof typeof safe]);
      }
    });

    it('uses a Redis no more that comes back with settings under which it may lose jobs', async () => {
      const queue = await open(false);
      try {
        expect(await queue.health()).toEqual({ backend: 'redis', status: 'healthy' });
        await redis.kill();
        await redis.run({ 'maxmemory-policy': 'allkeys-lru' });
        while (!(await queue.health()).unsafe_durability) await sleep(20);
        expect(await queue.health()).toEqual({
          backend: 'redis',
          status: 'degraded',
          problem: 'Redis may lose jobs; the table serves.',
          unsafe_durability: ['maxmemory-policy allkeys-lru'],
        });
        await redis.send('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
        while ((await queue.health()).status !== 'healthy') await sleep(20);
      } finally {
        await queue.close();
      }
    });

    it('goes on without a Redis that cannot be reached', async () => {
      expect(await healthAtStart(false, 'redis://127.0.0.1:9')).toMatchObject({
        status: 'degraded',
      });
    });
  });
});

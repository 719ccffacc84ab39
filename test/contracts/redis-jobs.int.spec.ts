import { afterAll, describe, it } from '@jest/globals';
import { jobsContract } from './jobs.contract.js';
import { TestRedis, withoutRedis } from './redis-server.js';

if (withoutRedis) it.skip(withoutRedis, () => undefined);

(withoutRedis ? describe.skip : describe)('Redis as the queue of jobs', () => {
  let redis: TestRedis | undefined;
  jobsContract(async () => {
    redis = await TestRedis.start();
    return { redisUrl: redis.url };
  });
  afterAll(() => redis?.stop());
});

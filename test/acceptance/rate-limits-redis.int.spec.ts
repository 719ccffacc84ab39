import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RateLimiter, type RateKey } from '#platform/rate-limits/limiter';
import { RedisCounters } from '#platform/rate-limits/redis-counters';
import { TestRedis, withoutRedis } from '#test/contracts/redis-server';
import { allowedByTwo } from '#test/support/rate-worker-process';

const MINUTE = 60_000;

if (withoutRedis) it.skip(`S20 ${withoutRedis}`, () => undefined);

(withoutRedis ? describe.skip : describe)('rate limits counted in Redis', () => {
  const masterKey = randomBytes(32);
  let redis: TestRedis;
  let shared: RedisCounters;
  beforeAll(async () => {
    redis = await TestRedis.start();
    shared = new RedisCounters(redis.url);
    await reached(shared);
  });
  afterAll(async () => {
    shared?.close();
    await redis?.stop();
  });

  /** Waits for the connection; until then counting fails at once, so that no request waits. */
  async function reached(counters: RedisCounters): Promise<void> {
    for (let tries = 100; ; tries--) {
      try {
        return void (await counters.add([{ key: 'probe', window: 0, count: 1 }]));
      } catch (error) {
        if (tries === 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
  const key = (of: string, limit: number): RateKey => ({ policy: { name: 'user', limit }, of });
  const allowedOf = async (one: RateLimiter, asked: RateKey, times: number) => {
    const all = await Promise.all(Array.from({ length: times }, () => one.take([asked])));
    return all.filter(([standing]) => standing!.allowed).length;
  };
  const keys = async () => (await redis.send('KEYS', 'clientforge:rate:*')) as string[];

  it('S20 let through exactly the limit, then count anew', async () => {
    let now = 1_000 * MINUTE;
    const one = new RateLimiter(shared, masterKey, () => new Date(now));
    expect(await allowedOf(one, key('gavin', 50), 30)).toBe(30);
    expect(await allowedOf(one, key('gavin', 50), 70)).toBe(20);
    now += MINUTE;
    expect(await allowedOf(one, key('gavin', 50), 70)).toBe(50);
  });

  it('S20 are kept over two processes: never exceeded, at most 5 % left over', async () => {
    for (const limit of [100, 2_000]) {
      const settings = { url: redis.url, masterKey: masterKey.toString('base64') };
      const allowed = await allowedByTwo(settings, limit);
      expect(allowed).toBeLessThanOrEqual(limit);
      expect(allowed).toBeGreaterThanOrEqual(limit * 0.95);
    }
  }, 60_000);

  it('S20 keep no address, and each key vanishes by itself', async () => {
    const one = new RateLimiter(shared, masterKey, () => new Date(3_000 * MINUTE));
    await one.take([key('203.0.113.7', 10)]);
    const all = (await keys()).filter((name) => name.includes(':3000:'));
    expect(all).toHaveLength(1);
    expect(all[0]).not.toContain('203.0.113.7');
    const left = Number(await redis.send('PTTL', all[0]!));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(2 * MINUTE);
  });

  it('S20 go on in memory while Redis hangs or is gone, and in Redis once it is back', async () => {
    let now = 5_000 * MINUTE;
    const problems: string[] = [];
    const log = ({ message }: { readonly message: string }) => problems.push(message);
    const one = new RateLimiter(shared, masterKey, () => new Date(now), log);
    redis.hang();
    const begun = Date.now();
    expect(await allowedOf(one, key('monica', 10), 15)).toBe(10);
    // Nobody waits long for counters.
    expect(Date.now() - begun).toBeLessThan(2_000);
    redis.goOn();
    await redis.kill();
    now += MINUTE;
    expect(await allowedOf(one, key('monica', 10), 15)).toBe(10);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toBe('rate limits are counted by each process alone');
    await redis.run();
    await reached(shared);
    now += MINUTE;
    expect(await allowedOf(one, key('monica', 10), 15)).toBe(10);
    expect((await keys()).some((name) => name.includes(':5002:'))).toBe(true);
    expect(problems).toHaveLength(2);
  }, 30_000);
});

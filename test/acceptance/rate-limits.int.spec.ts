import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Queryable } from '#platform/postgres/database';
import { PostgresCounters } from '#platform/rate-limits/postgres-counters';
import { RateLimiter, type RateKey } from '#platform/rate-limits/limiter';
import type { RateCounters } from '#platform/rate-limits/counters';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';
import { allowedByTwo } from '#test/support/rate-worker-process';

const MINUTE = 60_000;

describe('rate limits', () => {
  let test: TestPlatform;
  beforeAll(async () => {
    test = await startTestPlatform();
  });
  afterAll(() => test.close());

  const counters = () =>
    new PostgresCounters(() => test.platform.database.pool('api') as unknown as Queryable);
  const limiter = (now: () => number, shared: RateCounters = counters()) =>
    new RateLimiter(shared, test.test.masterKey, () => new Date(now()));
  const key = (of: string, limit: number): RateKey => ({ policy: { name: 'user', limit }, of });
  const allowedOf = async (one: RateLimiter, asked: RateKey, times: number) => {
    const all = await Promise.all(Array.from({ length: times }, () => one.take([asked])));
    return all.filter(([standing]) => standing!.allowed).length;
  };

  it('let through exactly the limit, then count anew', async () => {
    let now = 1_000 * MINUTE;
    const one = limiter(() => now);
    const asked = key('gavin', 50);
    expect(await allowedOf(one, asked, 30)).toBe(30);
    expect(await allowedOf(one, asked, 70)).toBe(20);
    const [last] = await one.take([asked]);
    expect(last).toMatchObject({ allowed: false, remaining: 0, resetSeconds: 60 });
    now += MINUTE;
    expect(await allowedOf(one, asked, 70)).toBe(50);
  });

  it('S20 are kept over two processes: never exceeded, at most 5 % left over', async () => {
    for (const limit of [100, 2_000]) {
      const settings = { url: test.test.url, masterKey: test.test.masterKey.toString('base64') };
      const allowed = await allowedByTwo(settings, limit);
      expect(allowed).toBeLessThanOrEqual(limit);
      expect(allowed).toBeGreaterThanOrEqual(limit * 0.95);
    }
  }, 60_000);

  it('cost one statement for many requests', async () => {
    let statements = 0;
    const real = counters();
    const counted: RateCounters = {
      add: (wants) => {
        statements += 1;
        return real.add(wants);
      },
      forget: (window) => real.forget(window),
      close: () => real.close(),
    };
    const one = limiter(() => 5_000 * MINUTE, counted);
    for (let n = 0; n < 1_000; n++) await one.take([key('busy', 6_000)]);
    expect(statements).toBeLessThan(10);
  });

  it('go on in memory while the counters cannot be reached', async () => {
    let broken = true;
    const real = counters();
    const shaky: RateCounters = {
      add: (wants) => (broken ? Promise.reject(new Error('away')) : real.add(wants)),
      forget: (window) => real.forget(window),
      close: () => real.close(),
    };
    let now = 7_000 * MINUTE;
    const one = limiter(() => now, shaky);
    expect(await allowedOf(one, key('monica', 10), 15)).toBe(10);
    broken = false;
    now += MINUTE;
    expect(await allowedOf(one, key('monica', 10), 15)).toBe(10);
  });

  it('keep no address, and forget what is past', async () => {
    let now = 9_000 * MINUTE;
    const one = limiter(() => now);
    await one.take([key('203.0.113.7', 10)]);
    const rows = async () =>
      (
        await test.test.admin((client) =>
          client.query<{ key: string; window_at: string }>('SELECT * FROM rate_limit'),
        )
      ).rows;
    expect(JSON.stringify(await rows())).not.toContain('203.0.113.7');
    now += 3 * MINUTE;
    await one.take([key('somebody else', 10)]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await rows()).every((row) => Number(row.window_at) >= 9_002)).toBe(true);
  });
});

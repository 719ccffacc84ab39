import pg from 'pg';
import type { Queryable } from '#platform/postgres/database';
import { PostgresCounters } from '#platform/rate-limits/postgres-counters';
import { RateLimiter } from '#platform/rate-limits/limiter';
import { RedisCounters } from '#platform/rate-limits/redis-counters';

/** What a process of its own is asked to count. */
export interface RateQuestion {
  readonly of: string;
  readonly limit: number;
  readonly times: number;
}

/** A fixed moment: a minute that ends meanwhile would begin to count anew. */
const NOW = new Date('2026-01-15T10:00:10.000Z');

function postgresCounters(connectionString: string): PostgresCounters {
  const pool = new pg.Pool({ connectionString, max: 2 });
  return new PostgresCounters(() => pool as unknown as Queryable);
}

/** Connected: before that each process would count alone. */
async function redisCounters(url: string): Promise<RedisCounters> {
  const counters = new RedisCounters(url);
  for (;;) {
    try {
      await counters.add([{ key: 'probe', window: 0, count: 1 }]);
      return counters;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

// Runs where it was forked only; a spec that imports the type starts nothing.
const [url, masterKey] = process.argv.slice(2);
if (process.send && url && masterKey) {
  const counters = url.startsWith('redis:') ? await redisCounters(url) : postgresCounters(url);
  const limiter = new RateLimiter(counters, Buffer.from(masterKey, 'base64'), () => NOW);
  process.on('message', ({ of, limit, times }: RateQuestion) => {
    void (async () => {
      let allowed = 0;
      for (let n = 0; n < times; n++) {
        const [standing] = await limiter.take([{ policy: { name: 'user', limit }, of }]);
        if (standing!.allowed) allowed += 1;
      }
      process.send!(allowed);
    })();
  });
  process.on('disconnect', () => process.exit(0));
  process.send('ready');
}

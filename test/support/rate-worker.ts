import pg from 'pg';
import type { Queryable } from '#platform/postgres/database';
import { PostgresCounters } from '#platform/rate-limits/postgres-counters';
import { RateLimiter } from '#platform/rate-limits/limiter';

/** What a process of its own is asked to count. */
export interface RateQuestion {
  readonly of: string;
  readonly limit: number;
  readonly times: number;
}

/** A fixed moment: a minute that ends meanwhile would begin to count anew. */
const NOW = new Date('2026-01-15T10:00:10.000Z');

// Runs where it was forked only; a spec that imports the type starts nothing.
const [url, masterKey] = process.argv.slice(2);
if (process.send && url && masterKey) {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  const counters = new PostgresCounters(() => pool as unknown as Queryable);
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

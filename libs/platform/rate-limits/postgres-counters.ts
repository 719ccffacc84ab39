import type { Queryable } from '../postgres/database.js';
import type { RateCounters, Want } from './counters.js';

/** Counts in an unlogged table, one statement for everything that waits. */
export class PostgresCounters implements RateCounters {
  constructor(private readonly pool: () => Queryable) {}

  async add(wants: readonly Want[]): Promise<readonly number[]> {
    // In one order for all processes, so that no two wait for each other.
    const ordered = [...wants].sort((a, b) => (a.key < b.key ? -1 : 1));
    const { rows } = await this.pool().query<{ key: string; taken: string }>(
      `INSERT INTO rate_limit AS r (key, window_at, taken)
       SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
       ON CONFLICT (key) DO UPDATE SET
         taken = CASE WHEN r.window_at >= excluded.window_at THEN r.taken ELSE 0 END
                 + excluded.taken,
         window_at = greatest(r.window_at, excluded.window_at)
       RETURNING key, taken`,
      [
        ordered.map(({ key }) => key),
        ordered.map(({ window }) => window),
        ordered.map(({ count }) => count),
      ],
    );
    const sums = new Map(rows.map(({ key, taken }) => [key, Number(taken)]));
    return wants.map(({ key }) => sums.get(key)!);
  }

  async forget(window: number): Promise<void> {
    await this.pool().query('DELETE FROM rate_limit WHERE window_at < $1', [window]);
  }

  close(): void {
    // The pool belongs to the platform.
  }
}

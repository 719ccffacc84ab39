import { SHARDS } from '../event-store/port.js';
import type { Database, Queryable } from '../postgres/database.js';

/** Shards change hands in ranges of four: sixteen workers can share them. */
export const RANGE = 4;
const RANGES = SHARDS / RANGE;
/** Class of the lock under which workers look at the leases, one after the other. */
const CLAIMS = 733_105;

const leaseName = (range: number) => `projections/${range}`;
const presenceName = (holder: string) => `projections@${holder}`;
const rangeOf = (name: string) => Number(name.slice(name.indexOf('/') + 1));

interface LeaseRow {
  readonly name: string;
  readonly holder: string;
  readonly fence: string;
  readonly live: boolean;
}

/**
 * Shares the shards among the workers that are alive: each holds its part of the ranges under a
 * lease with a fence that grows with every change of hands. Whoever has too many lets go of some,
 * and what a worker that ended held is taken once its leases have run out. Times are the
 * database's.
 */
export class ShardLeases {
  constructor(
    private readonly database: Database,
    readonly holder: string,
    private readonly seconds = 10,
  ) {}

  get renewEvery(): number {
    return (this.seconds * 1000) / 3;
  }

  /** Takes, renews or hands over; answers the fence of each shard this worker holds. */
  renew(): Promise<ReadonlyMap<number, string>> {
    return this.database.transaction('projector', 'BEGIN', async (query) => {
      await query.query(`SELECT pg_advisory_xact_lock(${CLAIMS}, 0)`);
      const workers = await this.beThere(query);
      const { rows } = await query.query<LeaseRow>(
        `SELECT name, holder, fence, expires_at > clock_timestamp() AS live
           FROM es_lease WHERE name LIKE 'projections/%'`,
      );
      const known = new Map(rows.map((row) => [rangeOf(row.name), row]));
      const all = Array.from({ length: RANGES }, (_, range) => range);
      const share = Math.ceil(RANGES / workers);
      const mine = all.filter((range) => known.get(range)?.holder === this.holder);
      const free = all.filter((range) => {
        const lease = known.get(range);
        return !lease || (lease.holder !== this.holder && !lease.live);
      });
      const kept = mine.slice(0, share);
      await this.letGo(query, mine.slice(share));
      const wanted = [...kept, ...free.slice(0, Math.max(0, share - kept.length))];
      return this.take(query, wanted);
    });
  }

  /** Lets others take over at once. */
  async release(): Promise<void> {
    await this.database.pool('projector').query(
      `WITH gone AS (DELETE FROM es_lease WHERE name = $2)
       UPDATE es_lease SET expires_at = clock_timestamp()
        WHERE holder = $1 AND name LIKE 'projections/%'`,
      [this.holder, presenceName(this.holder)],
    );
  }

  /** Says that this worker is alive; answers how many are. */
  private async beThere(query: Queryable): Promise<number> {
    await query.query(
      `INSERT INTO es_lease (name, holder, fence, expires_at)
       VALUES ($1, $2, 1, clock_timestamp() + $3 * interval '1 second')
       ON CONFLICT (name) DO UPDATE SET expires_at = excluded.expires_at`,
      [presenceName(this.holder), this.holder, this.seconds],
    );
    await query.query(
      `DELETE FROM es_lease WHERE name LIKE 'projections@%' AND expires_at < clock_timestamp()`,
    );
    const { rows } = await query.query<{ n: string }>(
      `SELECT count(*) AS n FROM es_lease WHERE name LIKE 'projections@%'`,
    );
    return Number(rows[0]!.n);
  }

  private async letGo(query: Queryable, ranges: readonly number[]): Promise<void> {
    if (ranges.length === 0) return;
    await query.query(
      `UPDATE es_lease SET expires_at = clock_timestamp(), holder = ''
        WHERE name = ANY ($1) AND holder = $2`,
      [ranges.map(leaseName), this.holder],
    );
  }

  private async take(
    query: Queryable,
    ranges: readonly number[],
  ): Promise<ReadonlyMap<number, string>> {
    const { rows } = await query.query<LeaseRow>(
      `INSERT INTO es_lease AS l (name, holder, fence, expires_at)
       SELECT name, $2, 1, clock_timestamp() + $3 * interval '1 second' FROM unnest($1::text[]) name
       ON CONFLICT (name) DO UPDATE SET holder = $2, expires_at = excluded.expires_at,
         fence = CASE WHEN l.holder = $2 THEN l.fence ELSE l.fence + 1 END
       RETURNING name, fence`,
      [ranges.map(leaseName), this.holder, this.seconds],
    );
    const fences = new Map<number, string>();
    for (const { name, fence } of rows) {
      const first = rangeOf(name) * RANGE;
      for (let shard = first; shard < first + RANGE; shard++) fences.set(shard, fence);
    }
    // From here on the worker before cannot move these checkpoints any more.
    await query.query(
      `UPDATE es_checkpoint c SET fence = f.fence
         FROM unnest($1::smallint[], $2::bigint[]) AS f(shard, fence)
        WHERE c.shard = f.shard AND c.fence < f.fence`,
      [[...fences.keys()], [...fences.values()]],
    );
    return fences;
  }
}

import { hostname } from 'node:os';
import { uuidv7 } from '#kernel/ids';
import type { Database } from '../postgres/database.js';

/** A name for a holder of leases that no other has: host, process, and which of its holders. */
export const newHolder = () => `${hostname()}:${process.pid}:${uuidv7()}`;

export interface Lease {
  /** Grows with every change of hands; a write with an older fence is refused. */
  readonly fence: string;
}

/** Ownership by lease rows with a monotonic fence; times are the database's. */
export class Leases {
  constructor(
    private readonly database: Database,
    private readonly holder: string,
    private readonly seconds = 10,
  ) {}

  /** Takes or renews the lease; undefined while another holder's has not expired. */
  async acquire(name: string): Promise<Lease | undefined> {
    const { rows } = await this.database.pool('projector').query<{ fence: string }>(
      `INSERT INTO es_lease AS l (name, holder, fence, expires_at)
       VALUES ($1, $2, 1, clock_timestamp() + $3 * interval '1 second')
       ON CONFLICT (name) DO UPDATE SET holder = $2, expires_at = excluded.expires_at,
         fence = CASE WHEN l.holder = $2 THEN l.fence ELSE l.fence + 1 END
       WHERE l.holder = $2 OR l.expires_at < clock_timestamp()
       RETURNING fence`,
      [name, this.holder, this.seconds],
    );
    return rows[0];
  }

  /** Lets another holder take over at once. */
  async release(name: string): Promise<void> {
    await this.database
      .pool('projector')
      .query('UPDATE es_lease SET expires_at = clock_timestamp() WHERE name = $1 AND holder = $2', [
        name,
        this.holder,
      ]);
  }

  get renewEvery(): number {
    return (this.seconds * 1000) / 3;
  }
}

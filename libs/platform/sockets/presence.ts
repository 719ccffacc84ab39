import { uuidv7 } from '#kernel/ids';
import type { Database, Queryable } from '../postgres/database.js';
import type { WakeUp } from '../projections/wake-up.js';

/** A record somebody looks at. */
export interface Looked {
  readonly type: string;
  readonly id: string;
}
/** Somebody who looks at a record, and whether they change something there just now. */
export interface Looker {
  readonly id: string;
  readonly edits: boolean;
}
export const lookedKey = ({ type, id }: Looked) => `${type}/${id}`;

/** How often a process shows that it lives, and after how long without it counts as gone. */
export const BEAT_SECONDS = 5;
export const GONE_SECONDS = 15;

/** Who looks at which record, over all processes of one database. */
export class Presence {
  private readonly processId = uuidv7();

  constructor(
    private readonly database: Database,
    private readonly wakeUp: WakeUp,
  ) {}

  private get anyTenant(): Queryable {
    return this.database.pool('api') as unknown as Queryable;
  }

  /** Shows that this process lives, and forgets those that no longer do. */
  async beat(): Promise<void> {
    await this.anyTenant.query(
      `INSERT INTO socket_process VALUES ($1, now())
       ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
      [this.processId],
    );
    const gone = await this.anyTenant.query(
      `DELETE FROM socket_process WHERE seen_at < now() - interval '${GONE_SECONDS} s'`,
    );
    if (gone.rowCount) this.wakeUp.signal('presence');
  }

  /** Says what a socket looks at from now on, and whether its reader edits it. */
  async look(tenantId: string, socketId: string, who: Looker, at: Looked): Promise<void> {
    await this.database.tenant(tenantId, (db) =>
      db.query(
        `INSERT INTO socket_presence
           (tenant_id, socket_id, process_id, user_id, record_type, record_id, edits)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant_id, socket_id) DO UPDATE SET
           record_type = excluded.record_type, record_id = excluded.record_id,
           edits = excluded.edits`,
        [tenantId, socketId, this.processId, who.id, at.type, at.id, who.edits],
      ),
    );
    this.wakeUp.signal('presence');
  }

  /** Says that a socket looks at nothing any more. */
  async leave(tenantId: string, socketId: string): Promise<void> {
    await this.database.tenant(tenantId, (db) =>
      db.query('DELETE FROM socket_presence WHERE tenant_id = $1 AND socket_id = $2', [
        tenantId,
        socketId,
      ]),
    );
    this.wakeUp.signal('presence');
  }

  /** The people who look at each of these records of a tenant, by {@link lookedKey}. */
  async at(
    tenantId: string,
    records: readonly Looked[],
  ): Promise<ReadonlyMap<string, readonly Looker[]>> {
    const { rows } = await this.database.tenant(tenantId, (db) =>
      db.query<{ type: string; id: string; user: string; edits: boolean }>(
        `SELECT p.record_type AS type, p.record_id AS id, p.user_id AS user,
            bool_or(p.edits) AS edits
           FROM socket_presence p
           JOIN socket_process s ON s.id = p.process_id
            AND s.seen_at > now() - interval '${GONE_SECONDS} s'
          WHERE p.tenant_id = $1 AND (p.record_type, p.record_id) IN
            (SELECT * FROM unnest($2::text[], $3::uuid[]))
          GROUP BY 1, 2, 3 ORDER BY 3`,
        [tenantId, records.map(({ type }) => type), records.map(({ id }) => id)],
      ),
    );
    const byRecord = new Map<string, Looker[]>();
    for (const { user, edits, ...at } of rows) {
      const people = byRecord.get(lookedKey(at)) ?? [];
      byRecord.set(lookedKey(at), [...people, { id: user, edits }]);
    }
    return byRecord;
  }

  /** This process ends, and with it everything it said. */
  async close(): Promise<void> {
    await this.anyTenant.query('DELETE FROM socket_process WHERE id = $1', [this.processId]);
    this.wakeUp.signal('presence');
  }
}

import { comparePositions, parsePosition, type StoredEvent } from '../event-store/port.js';
import { EVENT_COLUMNS, storedEvent, type EventRow } from '../event-store/postgres-store.js';
import type { Database, Queryable } from '../postgres/database.js';
import { Fenced } from '../projections/fenced.js';

export const SUSPENDED = 'TenantSuspended';
export const REACTIVATED = 'TenantReactivated';

const PAGE = 500;
const placeOf = (position: string) => {
  const { epoch, xid, pos } = parsePosition(position);
  return [epoch, xid, pos].map(String);
};
type Place = Pick<StoredEvent, 'tenantId' | 'position'>;

/**
 * Workspaces that stand still while they are suspended. Whoever reads the feed passes over their
 * events, and reads them once they are open again; timers and jobs wait as long as there is a row.
 */
export class Standstills {
  /** Since which place of the feed, by processor and tenant. */
  private since: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly database: Database,
    private readonly lease: string,
  ) {}

  async load(): Promise<void> {
    const { rows } = await this.database.pool('projector').query<{ key: string; place: string }>(
      `SELECT processor || '/' || tenant_id AS key, concat_ws('.', epoch, xid, pos, 0) AS place
         FROM es_standstill`,
    );
    this.since = new Map(rows.map(({ key, place }) => [key, place]));
  }

  /** A processor that begins to read at a place stands still where the others do. */
  async join(processor: string, position: string): Promise<void> {
    await this.database.pool('projector').query(
      `INSERT INTO es_standstill (tenant_id, processor, epoch, xid, pos)
       SELECT DISTINCT tenant_id, $1::text, $2::int, $3::text::xid8, $4::bigint FROM es_standstill
       ON CONFLICT DO NOTHING`,
      [processor, ...placeOf(position)],
    );
  }

  /** Whether an event is to be passed over for now. */
  holds(processor: string, { tenantId, position }: Place): boolean {
    const since = this.since.get(`${processor}/${tenantId}`);
    return since !== undefined && comparePositions(position, since) > 0;
  }

  /** The workspace was suspended; ignored where another process has the lease by now. */
  async begin(processor: string, { tenantId, position }: Place, fence: string): Promise<void> {
    await this.database.pool('projector').query(
      `INSERT INTO es_standstill (tenant_id, processor, epoch, xid, pos)
       SELECT $1::uuid, $2::text, $3::int, $4::text::xid8, $5::bigint
        WHERE EXISTS (SELECT 1 FROM es_lease WHERE name = $6 AND fence = $7 FOR SHARE)
       ON CONFLICT DO NOTHING`,
      [tenantId, processor, ...placeOf(position), this.lease, fence],
    );
    const key = `${processor}/${tenantId}`;
    if (!this.since.has(key)) this.since = new Map(this.since).set(key, position);
  }

  /**
   * The processor is through with what it had passed over; what it set aside of that is written in
   * the same transaction, since nobody reads it again. Throws {@link Fenced} without the lease.
   */
  async end(
    processor: string,
    { tenantId }: Place,
    fence: string,
    beside: (query: Queryable) => Promise<void>,
  ): Promise<void> {
    await this.database.transaction('projector', 'BEGIN', async (query) => {
      const held = await query.query(
        'SELECT 1 FROM es_lease WHERE name = $1 AND fence = $2 FOR SHARE',
        [this.lease, fence],
      );
      if (!held.rowCount) throw new Fenced('another worker runs the sagas');
      await beside(query);
      await query.query('DELETE FROM es_standstill WHERE tenant_id = $1 AND processor = $2', [
        tenantId,
        processor,
      ]);
    });
    const key = `${processor}/${tenantId}`;
    this.since = new Map([...this.since].filter(([known]) => known !== key));
  }

  /** What a processor passed over before an event of the workspace, in the order of the feed. */
  async *missed(
    processor: string,
    { tenantId, position: until }: Place,
    types: readonly string[],
  ): AsyncGenerator<readonly StoredEvent[]> {
    let after = this.since.get(`${processor}/${tenantId}`);
    while (after !== undefined) {
      const { rows } = await this.database.pool('feed').query<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM es_event e WHERE e.tenant_id = $1 AND e.type = ANY ($2)
            AND (e.epoch, e.xid, e.pos) > ($3::int, $4::text::xid8, $5::bigint)
            AND (e.epoch, e.xid, e.pos) < ($6::int, $7::text::xid8, $8::bigint)
          ORDER BY e.epoch, e.xid, e.pos LIMIT ${PAGE}`,
        [tenantId, types, ...placeOf(after), ...placeOf(until)],
      );
      const page = rows.map(storedEvent);
      yield page;
      after = page.length < PAGE ? undefined : page.at(-1)!.position;
    }
  }
}

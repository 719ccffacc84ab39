import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../postgres/database.js';
import { Gather } from '../postgres/gather.js';
import { GroupAppend } from './group-append.js';
import { isDestroyed } from './tables.sql.js';
import {
  checkLimits,
  comparePositions,
  parsePosition,
  START,
  type AppendOutcome,
  type AppendRequest,
  type Closed,
  type EventStore,
  type FeedOptions,
  type FeedPage,
  type Loaded,
  type Snapshot,
  type StoredEvent,
} from './port.js';

const SETTLE_POLL_MS = 5;
const SETTLE_LIMIT_MS = 60_000;

export interface EventRow {
  tenant_id: string;
  stream_id: string;
  version: string;
  epoch: number;
  xid: string;
  pos: string;
  shard: number;
  event_id: string;
  command_id: string;
  type: string;
  schema_version: number;
  data: string;
  meta: string;
  key_id: string | null;
  prev_hash: string;
  hash: string;
  occurred_at: Date;
  recorded_at: Date;
}

/** `xid` is selected as text under another name: ordering by the text would sort 10 before 9. */
export const EVENT_COLUMNS = `e.tenant_id, e.stream_id, e.version, e.epoch, e.xid::text AS xid, e.pos, e.shard,
  e.event_id, e.command_id, e.type, e.schema_version, e.data, e.meta, e.key_id,
  encode(e.prev_hash, 'hex') AS prev_hash, encode(e.hash, 'hex') AS hash, e.occurred_at, e.recorded_at`;

export const positionText = (row: Pick<EventRow, 'epoch' | 'xid' | 'pos' | 'shard'>): string =>
  `${row.epoch}.${row.xid}.${row.pos}.${row.shard}`;

export function storedEvent(row: EventRow): StoredEvent {
  return {
    tenantId: row.tenant_id,
    streamId: row.stream_id,
    version: Number(row.version),
    position: positionText(row),
    eventId: row.event_id,
    commandId: row.command_id,
    type: row.type,
    schemaVersion: row.schema_version,
    data: row.data,
    meta: row.meta,
    keyId: row.key_id,
    prevHash: row.prev_hash,
    hash: row.hash,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
  };
}

/** Where the feed is filtered: whether a row is wanted, and how many were looked at. */
type FeedRow = EventRow & {
  readonly told: boolean;
  readonly wanted?: boolean;
  readonly looked?: string;
};
type LoadOptions = NonNullable<Parameters<EventStore['load']>[2]>;
type LoadRequest = { readonly tenantId: string; readonly streamId: string } & LoadOptions;
type LoadRow = EventRow & { readonly n: string; readonly kind: 'command' | 'snapshot' | 'event' };

function loadedOf({ tenantId, streamId }: LoadRequest, rows: readonly LoadRow[]): Loaded {
  const events: StoredEvent[] = [];
  let loaded: Omit<Loaded, 'events'> = {};
  for (const row of rows) {
    if (row.kind === 'event') {
      events.push(storedEvent({ ...row, tenant_id: tenantId, stream_id: streamId }));
    } else if (row.kind === 'command') {
      const stored = { requestHash: row.hash, result: row.data, position: positionText(row) };
      loaded = { ...loaded, stored };
    } else {
      const version = Number(row.version);
      loaded = { ...loaded, snapshot: { version, stateKey: row.key_id!, state: row.data } };
    }
  }
  return { ...loaded, events };
}

/** The log in PostgreSQL 15 or newer. */
export class PostgresEventStore implements EventStore {
  private readonly group: GroupAppend;
  private readonly loads: Gather<LoadRequest, Loaded>;

  constructor(private readonly database: Database) {
    this.group = new GroupAppend(database);
    this.loads = new Gather((requests) => this.loadAll(requests));
  }

  // Group append is where the speed is: see GroupAppend.
  async append(request: AppendRequest): Promise<AppendOutcome> {
    checkLimits(request);
    return this.group.append(request);
  }

  load(tenantId: string, streamId: string, options: LoadOptions = {}): Promise<Loaded> {
    return this.loads.one({ tenantId, streamId, ...options });
  }

  private async loadAll(requests: readonly LoadRequest[]): Promise<readonly Loaded[]> {
    const column = (name: keyof LoadRequest) => requests.map((one) => one[name] ?? null);
    const { rows } = await this.database.pool('api').query<LoadRow>({
      ...this.database.named('es_load'),
      text: `SELECT i.n, l.* FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[])
          WITH ORDINALITY AS i (tenant, stream, command, key, n),
        LATERAL es_load(i.tenant, i.stream, i.command, i.key) AS l ORDER BY i.n, l.version`,
      values: [column('tenantId'), column('streamId'), column('commandId'), column('stateKey')],
    });
    const found = Map.groupBy(rows, ({ n }) => Number(n));
    return requests.map((request, index) => loadedOf(request, found.get(index + 1) ?? []));
  }

  async readStream(
    tenantId: string,
    streamId: string,
    options: { from?: number; limit?: number; direction?: 'forward' | 'backward' } = {},
  ): Promise<readonly StoredEvent[]> {
    const backward = options.direction === 'backward';
    const { rows } = await this.database.tenant(tenantId, (query) =>
      query.query<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM es_event e
          WHERE e.tenant_id = $1 AND e.stream_id = $2 AND e.version ${backward ? '<=' : '>='} $3
          ORDER BY e.version ${backward ? 'DESC' : 'ASC'} LIMIT $4`,
        [
          tenantId,
          streamId,
          options.from ?? (backward ? '9223372036854775807' : 1),
          options.limit ?? 100_000,
        ],
      ),
    );
    return rows.map(storedEvent);
  }

  async readFeed(options: FeedOptions): Promise<FeedPage> {
    const { after, limit, tenantId, categories, types, shards } = options;
    const { epoch, xid, pos } = parsePosition(after);
    const values: unknown[] = [String(epoch), String(xid), String(pos), limit];
    const bound = (value: unknown) => `$${values.push(value)}`;
    const tenant = tenantId ? `AND e.tenant_id = ${bound(tenantId)}` : '';
    // Everything below the oldest running transaction is final: nothing can commit in between.
    const page = `SELECT ${EVENT_COLUMNS}, NOT ${isDestroyed('e.tenant_id')} AS told FROM es_event e
      WHERE (e.epoch, e.xid, e.pos) > ($1::int, $2::text::xid8, $3::bigint)
        AND (e.epoch, e.xid, e.pos) <
            ((SELECT max(p.epoch) FROM es_epoch p), pg_snapshot_xmin(pg_current_snapshot()), 0)
        ${tenant}
      ORDER BY e.epoch, e.xid, e.pos LIMIT $4`;
    const wanted = [
      categories && `split_part(w.stream_id, '-', 1) = ANY (${bound(categories)}::text[])`,
      types && `w.type = ANY (${bound(types)}::text[])`,
      shards && `w.shard = ANY (${bound(shards)}::smallint[])`,
    ].filter(Boolean);
    const text =
      wanted.length === 0
        ? page
        : // The last one says how far was looked, whether it is wanted or not.
          `SELECT * FROM (SELECT w.*, ${wanted.join(' AND ')} AS wanted, count(*) OVER () AS looked,
              row_number() OVER () AS n FROM (${page}) w) f WHERE f.wanted OR f.n = f.looked ORDER BY f.n`;
    const name = [
      'es_feed',
      tenantId && 'tenant',
      categories && 'categories',
      types && 'types',
      shards && 'shards',
    ];
    const { rows } = await this.database
      .pool('feed')
      .query<FeedRow>({ ...this.database.named(name.filter(Boolean).join('_')), text, values });
    const last = rows.at(-1);
    return {
      // Those of a workspace that was destroyed are passed over.
      events: rows.filter((row) => row.told && row.wanted !== false).map(storedEvent),
      position: last ? positionText(last) : after,
      caughtUp: Number(last?.looked ?? rows.length) < limit,
    };
  }

  /** All events of several streams, in one go; for bulk loads. */
  async readStreams(
    tenantId: string,
    streamIds: readonly string[],
  ): Promise<readonly StoredEvent[]> {
    if (streamIds.length === 0) return [];
    const { rows } = await this.database.tenant(tenantId, (query) =>
      query.query<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM es_event e
          WHERE e.tenant_id = $1 AND e.stream_id = ANY ($2) ORDER BY e.stream_id, e.version`,
        [tenantId, streamIds],
      ),
    );
    return rows.map(storedEvent);
  }

  /** The last events of a tenant, oldest first; for people who look at the log. */
  async readTail(tenantId: string, limit: number): Promise<readonly StoredEvent[]> {
    const { rows } = await this.database.pool('feed').query<EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM es_event e WHERE e.tenant_id = $1
        ORDER BY e.epoch DESC, e.xid DESC, e.pos DESC LIMIT $2`,
      [tenantId, limit],
    );
    return rows.map(storedEvent).reverse();
  }

  async head(): Promise<string> {
    const { rows } = await this.database.pool('feed').query<EventRow>(
      `SELECT e.epoch, e.xid::text AS xid, e.pos, e.shard FROM es_event e
        WHERE (e.epoch, e.xid, e.pos) <
              ((SELECT max(p.epoch) FROM es_epoch p), pg_snapshot_xmin(pg_current_snapshot()), 0)
        ORDER BY e.epoch DESC, e.xid DESC, e.pos DESC LIMIT 1`,
    );
    return rows[0] ? positionText(rows[0]) : START;
  }

  async settled(): Promise<string> {
    const { rows } = await this.database.pool('feed').query<EventRow>(
      `SELECT e.epoch, e.xid::text AS xid, e.pos, e.shard FROM es_event e
        ORDER BY e.epoch DESC, e.xid DESC, e.pos DESC LIMIT 1`,
    );
    const newest = rows[0] ? positionText(rows[0]) : START;
    for (
      let waited = 0;
      comparePositions(await this.head(), newest) < 0;
      waited += SETTLE_POLL_MS
    ) {
      if (waited > SETTLE_LIMIT_MS) {
        throw new Error('an open transaction has held the feed back for a minute');
      }
      await sleep(SETTLE_POLL_MS);
    }
    return newest;
  }

  async saveSnapshot(tenantId: string, streamId: string, snapshot: Snapshot): Promise<void> {
    await this.database.tenant(tenantId, (query) =>
      query.query(
        `INSERT INTO es_snapshot AS s (tenant_id, stream_id, version, state_key, state)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, stream_id) DO UPDATE SET version = excluded.version,
           state_key = excluded.state_key, state = excluded.state, taken_at = clock_timestamp()
         WHERE excluded.version > s.version OR excluded.state_key <> s.state_key`,
        [tenantId, streamId, snapshot.version, snapshot.stateKey, snapshot.state],
      ),
    );
  }

  closeStream(tenantId: string, streamId: string, as: Closed | null) {
    return this.database.tenant(tenantId, async (query) => {
      // The lock an append takes: one that is under way ends before the stream is closed.
      await query.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `s${tenantId}${streamId}`,
      ]);
      const { rows } = await query.query<{ closed: Closed | null }>(
        `UPDATE es_stream SET closed = CASE closed WHEN 'tombstoned' THEN closed ELSE $3 END
          WHERE tenant_id = $1 AND stream_id = $2 RETURNING closed`,
        [tenantId, streamId, as],
      );
      return rows[0] ? (rows[0].closed ?? 'open') : 'absent';
    });
  }

  close(): Promise<void> {
    return this.group.drain();
  }
}

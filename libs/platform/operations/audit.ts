import { eventHash, GENESIS } from '../event-store/hash.js';
import type { StoredEvent } from '../event-store/port.js';
import { storedEvent, type EventRow } from '../event-store/postgres-store.js';
import type { Database } from '../postgres/database.js';

/** One thing the log cannot explain: where it is and what is wrong. */
export interface Violation {
  readonly streamId: string;
  /** Revision at which the stream stops verifying. */
  readonly version: number;
  readonly kind: 'altered' | 'missing' | 'inserted' | 'truncated';
  readonly message: string;
}

export interface AuditReport {
  readonly streams: number;
  readonly events: number;
  readonly violations: readonly Violation[];
}

interface ChainRow extends EventRow {
  head_version: string | null;
  head_hash: string | null;
}

const PAGE = 2_000;

/**
 * Checks the hash chain of every stream of a tenant: each event against its hash and the one
 * before it, and the last one against the head the stream remembers. Only the first break of a
 * stream is told, because nothing after it can be judged.
 */
export async function verifyTenant(
  database: Database,
  tenantId: string,
  progress: (events: number) => void = () => undefined,
): Promise<AuditReport> {
  const chain = new Chain();
  for (let after = { streamId: '', version: 0 }; ;) {
    const page = await readPage(database, tenantId, after);
    for (const row of page) chain.add(storedEvent(row), row);
    const last = page.at(-1);
    if (last) after = { streamId: last.stream_id, version: Number(last.version) };
    progress(page.length);
    if (page.length < PAGE) break;
  }
  chain.end();
  return chain.report(await emptyStreams(database, tenantId));
}

/** The chains as the events come by, stream after stream. */
class Chain {
  private readonly violations: Violation[] = [];
  private streams = 0;
  private events = 0;
  private streamId = '';
  private version = 0;
  private previous = GENESIS;
  private broken = false;
  private head: Pick<ChainRow, 'head_version' | 'head_hash'> | undefined;

  add(event: StoredEvent, head: Pick<ChainRow, 'head_version' | 'head_hash'>): void {
    if (event.streamId !== this.streamId) this.begin(event.streamId, head);
    this.events += 1;
    if (!this.broken) this.check(event);
    this.version = event.version;
    this.previous = event.hash;
  }

  /** Compares the last event of the stream that ends here with the stream's head. */
  end(): void {
    if (!this.head || this.broken) return;
    const { head_version: version, head_hash: hash } = this.head;
    if (version === null) {
      this.violate(this.version, 'inserted', 'The stream has events but no head.');
    } else if (Number(version) > this.version) {
      const gone = Number(version) - this.version;
      this.violate(this.version + 1, 'truncated', `The last ${gone} events are gone.`);
    } else if (Number(version) < this.version) {
      this.violate(Number(version) + 1, 'inserted', 'Events were added behind the head.');
    } else if (hash !== this.previous) {
      this.violate(this.version, 'altered', 'The head does not match the last event.');
    }
  }

  report(empty: readonly string[]): AuditReport {
    const gone = empty.map((streamId): Violation => ({
      streamId,
      version: 1,
      kind: 'truncated',
      message: 'All events are gone.',
    }));
    const violations = [...this.violations, ...gone];
    return { streams: this.streams + empty.length, events: this.events, violations };
  }

  private begin(streamId: string, head: Pick<ChainRow, 'head_version' | 'head_hash'>): void {
    this.end();
    this.streams += 1;
    this.streamId = streamId;
    this.version = 0;
    this.previous = GENESIS;
    this.broken = false;
    this.head = head;
  }

  private check(event: StoredEvent): void {
    if (event.version !== this.version + 1) {
      const gap = `Revision ${this.version + 1} is missing; ${event.version} follows.`;
      this.violate(this.version + 1, 'missing', gap);
    } else if (eventHash(event) !== event.hash) {
      this.violate(event.version, 'altered', 'The content does not match its hash.');
    } else if (event.prevHash !== this.previous) {
      this.violate(event.version, 'inserted', 'The event does not follow the one before it.');
    }
  }

  private violate(version: number, kind: Violation['kind'], message: string): void {
    this.broken = true;
    this.violations.push({ streamId: this.streamId, version, kind, message });
  }
}

async function readPage(
  database: Database,
  tenantId: string,
  after: { readonly streamId: string; readonly version: number },
): Promise<readonly ChainRow[]> {
  const { rows } = await database.tenant(tenantId, (query) =>
    query.query<ChainRow>(
      `SELECT e.tenant_id, e.stream_id, e.version, e.epoch, e.xid::text AS xid, e.pos, e.shard,
          e.event_id, e.command_id, e.type, e.schema_version, e.data, e.meta, e.key_id,
          encode(e.prev_hash, 'hex') AS prev_hash, encode(e.hash, 'hex') AS hash,
          e.occurred_at, e.recorded_at, s.version AS head_version,
          encode(s.head_hash, 'hex') AS head_hash
         FROM es_event e
         LEFT JOIN es_stream s ON s.tenant_id = e.tenant_id AND s.stream_id = e.stream_id
        WHERE e.tenant_id = $1 AND (e.stream_id, e.version) > ($2, $3::bigint)
        ORDER BY e.stream_id, e.version LIMIT ${PAGE}`,
      [tenantId, after.streamId, after.version],
    ),
  );
  return rows;
}

/** Streams that have a head but no event at all. */
async function emptyStreams(database: Database, tenantId: string): Promise<readonly string[]> {
  const { rows } = await database.tenant(tenantId, (query) =>
    query.query<{ id: string }>(
      `SELECT s.stream_id AS id FROM es_stream s WHERE s.tenant_id = $1 AND NOT EXISTS (
         SELECT 1 FROM es_event e WHERE e.tenant_id = s.tenant_id AND e.stream_id = s.stream_id)
        ORDER BY s.stream_id`,
      [tenantId],
    ),
  );
  return rows.map(({ id }) => id);
}

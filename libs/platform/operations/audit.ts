import { compareStreams } from '../event-store/kurrentdb/compare.js';
import type { KurrentDbServer } from '../event-store/kurrentdb/server.js';
import { eventHash, GENESIS } from '../event-store/hash.js';
import type { StoredEvent } from '../event-store/port.js';
import { EVENT_COLUMNS, storedEvent, type EventRow } from '../event-store/postgres-store.js';
import type { Database, Queryable } from '../postgres/database.js';
import { EntryCursor } from '../seals/entry-cursor.js';
import { Findings, type Violation } from '../seals/findings.js';
import type { OutsideCopy } from '../seals/outside-copy.js';
import type { SealKeys } from '../seals/seal-keys.js';
import { SealCheck, type SealReport } from '../seals/verify-seals.js';

export type { Violation } from '../seals/findings.js';

export interface ChainReport {
  readonly streams: number;
  readonly events: number;
  /** The first thousand. */
  readonly violations: readonly Violation[];
  /** Violations beyond those. */
  readonly untold: number;
}

/** All that an audit of a tenant's log says. */
export interface AuditReport extends ChainReport, SealReport {
  readonly tenantId: string;
  readonly intact: boolean;
}

export interface AuditOptions {
  readonly signal?: AbortSignal;
  /** Each event is read twice: in its stream, and in the feed. */
  readonly progress?: (done: number, total: number) => void;
}

interface ChainRow extends EventRow {
  head_version: string | null;
  head_hash: string | null;
}

type Head = Pick<ChainRow, 'head_version' | 'head_hash'>;

const PAGE = 2_000;

/**
 * Checks the hash chain of every stream of a tenant: each event against its hash and the one
 * before it, and the last one against the head the stream remembers. Only the first break of a
 * stream is told, because nothing after it can be judged.
 */
export function verifyTenant(
  database: Database,
  tenantId: string,
  seen: (events: number) => void = () => undefined,
): Promise<ChainReport> {
  return database.snapshot(async (query) => {
    const findings = new Findings();
    return { ...(await chains(query, tenantId, findings, seen)), ...findings.report() };
  });
}

/** Every tenant of the log, of its seals and of their copy: also one that is gone from the others. */
export async function auditedTenants(
  database: Database,
  copy: OutsideCopy,
): Promise<readonly string[]> {
  const { rows } = await database.pool('feed').query<{ id: string }>(
    `SELECT tenant_id AS id FROM es_stream UNION SELECT tenant_id FROM es_event
      UNION SELECT tenant_id FROM es_seal`,
  );
  return [...new Set([...rows.map(({ id }) => id), ...(await copy.tenants())])].sort();
}

/**
 * Recomputes all that vouches for a tenant's log: the chains of its streams, the seals with their
 * trees, signatures and chain, and the copy outside the database against the table. Needs the same
 * memory however large the log is.
 */
export async function auditTenant(
  parts: {
    readonly database: Database;
    readonly seals: { readonly keys: SealKeys; readonly copy: OutsideCopy };
    /** Where the log is, unless it is in the database: its heads are compared. */
    readonly kurrentDb?: KurrentDbServer | undefined;
  },
  tenantId: string,
  { signal, progress }: AuditOptions = {},
): Promise<AuditReport> {
  const { database, seals } = parts;
  // Before the transaction begins, so that the copy never seems to be ahead of the table.
  const copied = await seals.copy.size(tenantId);
  const compared = parts.kurrentDb
    ? await compareStreams(database, parts.kurrentDb, { tenantId, ...(signal ? { signal } : {}) })
    : undefined;
  return database.snapshot(async (query) => {
    const findings = new Findings();
    const { now, total } = await begin(query, tenantId);
    let done = 0;
    const seen = (events: number) => {
      signal?.throwIfAborted();
      progress?.((done += events), total);
    };
    const counted = await chains(query, tenantId, findings, seen);
    const entries = await EntryCursor.open(query, tenantId, seen);
    const check = new SealCheck(query, { ...seals, copied, now, findings }, tenantId);
    const sealed = await check.run(entries);
    await explainMissing(query, tenantId, findings);
    for (const { streamId, version, message } of compared?.differences ?? []) {
      findings.add({ streamId, version, seal: null, kind: 'altered', message });
    }
    const { violations, untold } = findings.report();
    const intact = violations.length === 0;
    return { tenantId, intact, ...counted, ...sealed, violations, untold };
  });
}

async function begin(query: Queryable, tenantId: string) {
  const { rows } = await query.query<{ now: Date; events: string }>(
    `SELECT clock_timestamp() AS now,
        (SELECT count(*) FROM es_event WHERE tenant_id = $1) AS events`,
    [tenantId],
  );
  return { now: rows[0]!.now, total: 2 * Number(rows[0]!.events) };
}

/** What is missing where it was sealed may stand elsewhere, or its whole stream may be gone. */
async function explainMissing(
  query: Queryable,
  tenantId: string,
  findings: Findings,
): Promise<void> {
  const { missing } = findings;
  const { rows } = await query.query<{ id: string; place: string | null; left: boolean }>(
    `SELECT m.id, CASE WHEN e.version IS NULL THEN NULL
          ELSE concat_ws('.', e.epoch, e.xid, e.pos) END AS place,
        EXISTS (SELECT 1 FROM es_event o WHERE o.tenant_id = $1 AND o.stream_id = m.id)
          OR EXISTS (SELECT 1 FROM es_stream s WHERE s.tenant_id = $1 AND s.stream_id = m.id)
          AS left
       FROM unnest($2::text[], $3::bigint[]) AS m (id, version)
       LEFT JOIN es_event e ON e.tenant_id = $1 AND e.stream_id = m.id AND e.version = m.version`,
    [tenantId, missing.map(({ streamId }) => streamId), missing.map(({ version }) => version)],
  );
  for (const { id, place, left } of rows) {
    if (place) findings.moved(id, place);
    else if (!left) findings.vanished(id);
  }
}

async function chains(
  query: Queryable,
  tenantId: string,
  findings: Findings,
  seen: (events: number) => void,
): Promise<{ streams: number; events: number }> {
  const chain = new Chain(findings);
  for (let after = { streamId: '', version: 0 }; ;) {
    const page = await readPage(query, tenantId, after);
    for (const row of page) chain.add(storedEvent(row), row);
    const last = page.at(-1);
    if (last) after = { streamId: last.stream_id, version: Number(last.version) };
    seen(page.length);
    if (page.length < PAGE) break;
  }
  chain.end();
  const empty = await emptyStreams(query, tenantId, findings);
  return { streams: chain.streams + empty, events: chain.events };
}

/** The chains as the events come by, stream after stream. */
class Chain {
  streams = 0;
  events = 0;
  private streamId = '';
  private version = 0;
  private previous = GENESIS;
  private broken = false;
  private head: Head | undefined;

  constructor(private readonly findings: Findings) {}

  add(event: StoredEvent, head: Head): void {
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

  private begin(streamId: string, head: Head): void {
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
    this.findings.add({ streamId: this.streamId, version, seal: null, kind, message });
  }
}

async function readPage(
  query: Queryable,
  tenantId: string,
  after: { readonly streamId: string; readonly version: number },
): Promise<readonly ChainRow[]> {
  const { rows } = await query.query<ChainRow>(
    `SELECT ${EVENT_COLUMNS}, s.version AS head_version, encode(s.head_hash, 'hex') AS head_hash
       FROM es_event e
       LEFT JOIN es_stream s ON s.tenant_id = e.tenant_id AND s.stream_id = e.stream_id
      WHERE e.tenant_id = $1 AND (e.stream_id, e.version) > ($2, $3::bigint)
      ORDER BY e.stream_id, e.version LIMIT ${PAGE}`,
    [tenantId, after.streamId, after.version],
  );
  return rows;
}

/** Streams that have a head but no event at all. */
async function emptyStreams(
  query: Queryable,
  tenantId: string,
  findings: Findings,
): Promise<number> {
  const { rows } = await query.query<{ id: string; n: string }>(
    `SELECT s.stream_id AS id, count(*) OVER () AS n FROM es_stream s
      WHERE s.tenant_id = $1 AND NOT EXISTS (SELECT 1 FROM es_event e
        WHERE e.tenant_id = s.tenant_id AND e.stream_id = s.stream_id)
      ORDER BY s.stream_id LIMIT 1001`,
    [tenantId],
  );
  for (const { id: streamId } of rows) {
    const message = 'All events are gone.';
    findings.add({ streamId, version: 1, seal: null, kind: 'truncated', message });
  }
  return Number(rows[0]?.n ?? 0);
}

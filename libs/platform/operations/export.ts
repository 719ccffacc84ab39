import { createHash } from 'node:crypto';
import type { StoredEvent } from '../event-store/port.js';
import { EVENT_COLUMNS, storedEvent, type EventRow } from '../event-store/postgres-store.js';
import type { Database, Queryable } from '../postgres/database.js';

/** Raised when a line of the export changes its shape. */
const EXPORT_FORMAT = 1;

export interface ExportReport {
  readonly events: number;
  readonly streams: number;
  /** SHA-256 of the file, hex: kept apart, it shows that a file is the one written here. */
  readonly digest: string;
}

export interface ExportOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (events: number, share: number) => void;
}

/** Cancelled by the operator: what was written so far is no export. */
export class ExportCancelled extends Error {}

const PAGE = 2_000;

/**
 * Writes the log of a tenant as of one moment, line by line: a first line with the counts, every
 * event as it is stored, the head of every stream, and a last line with the digest of those before
 * it. What is sealed stays sealed. Takes no transaction id, so the feed goes on meanwhile.
 */
export function exportTenant(
  database: Database,
  tenantId: string,
  write: (line: string) => Promise<void>,
  options: ExportOptions = {},
): Promise<ExportReport> {
  const hash = createHash('sha256');
  const put = (line: object) => {
    const text = `${JSON.stringify(line)}\n`;
    hash.update(text);
    return write(text);
  };
  const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
  return database.transaction('feed', begin, async (query) => {
    const counts = await count(query, tenantId);
    await put({ kind: 'export', format: EXPORT_FORMAT, tenant: tenantId, ...counts });
    let written = 0;
    for await (const event of eventsOf(query, tenantId)) {
      if (options.signal?.aborted) throw new ExportCancelled('cancelled');
      await put({ kind: 'event', ...event });
      written += 1;
      options.progress?.(written, written / Math.max(1, counts.events));
    }
    for await (const head of headsOf(query, tenantId)) await put({ kind: 'head', ...head });
    await put({ kind: 'end', ...counts, digest: hash.copy().digest('hex') });
    return { ...counts, digest: hash.digest('hex') };
  });
}

async function count(query: Queryable, tenantId: string) {
  const { rows } = await query.query<{ events: string; streams: string }>(
    `SELECT (SELECT count(*) FROM es_event WHERE tenant_id = $1) AS events,
            (SELECT count(*) FROM es_stream WHERE tenant_id = $1) AS streams`,
    [tenantId],
  );
  return { events: Number(rows[0]!.events), streams: Number(rows[0]!.streams) };
}

/** Stream after stream, each from its first event. */
async function* eventsOf(query: Queryable, tenantId: string): AsyncGenerator<StoredEvent> {
  for (let after: [string, string] = ['', '0']; ;) {
    const { rows } = await query.query<EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM es_event e
        WHERE e.tenant_id = $1 AND (e.stream_id, e.version) > ($2, $3::bigint)
        ORDER BY e.stream_id, e.version LIMIT ${PAGE}`,
      [tenantId, ...after],
    );
    for (const row of rows) yield storedEvent(row);
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = [last.stream_id, last.version];
  }
}

async function* headsOf(query: Queryable, tenantId: string) {
  for (let after = ''; ;) {
    const { rows } = await query.query<{ stream_id: string; version: string; hash: string }>(
      `SELECT stream_id, version, encode(head_hash, 'hex') AS hash FROM es_stream
        WHERE tenant_id = $1 AND stream_id > $2 ORDER BY stream_id LIMIT ${PAGE}`,
      [tenantId, after],
    );
    for (const { stream_id: streamId, version, hash } of rows) {
      yield { streamId, version: Number(version), hash };
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.stream_id;
  }
}

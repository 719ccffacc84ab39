import { createHash } from 'node:crypto';
import { isUuid } from '#kernel/ids';
import type { StoredEvent } from '../event-store/port.js';
import { EVENT_COLUMNS, storedEvent, type EventRow } from '../event-store/postgres-store.js';
import type { Database, Queryable } from '../postgres/database.js';
import type { SealKeys } from '../seals/seal-keys.js';
import { sealsFrom } from '../seals/seal-table.js';
import { comparePlaces, readSeal } from '../seals/seal.js';

/** Raised when a line of the export changes its shape. */
const EXPORT_FORMAT = 2;

export interface ExportReport {
  readonly events: number;
  readonly streams: number;
  readonly seals: number;
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
 * Writes the log of a tenant as of one moment, line by line: a first line with the counts and the
 * public keys, every event as it is stored, in feed order, each seal behind what it covers, the
 * head of every stream, and a last line with the digest of those before it. What is encrypted stays
 * so. Takes no transaction id, so the feed goes on meanwhile.
 */
export function exportTenant(
  { database, keys }: { readonly database: Database; readonly keys: SealKeys },
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
  return database.snapshot(async (query) => {
    const counts = await count(query, tenantId);
    const resumed = await resumedSeals(query, tenantId);
    const publicKeys = keys.publicKeys.map(({ id, publicKey }) => ({ id, publicKey }));
    await put({
      kind: 'export',
      format: EXPORT_FORMAT,
      tenant: tenantId,
      ...counts,
      keys: publicKeys,
      resumed,
    });
    let written = 0;
    for await (const line of linesOf(query, tenantId, resumed)) {
      if (options.signal?.aborted) throw new ExportCancelled('cancelled');
      await put(line);
      if (line.kind !== 'event') continue;
      written += 1;
      options.progress?.(written, written / Math.max(1, counts.events));
    }
    for await (const head of headsOf(query, tenantId)) await put({ kind: 'head', ...head });
    await put({ kind: 'end', ...counts, digest: hash.copy().digest('hex') });
    return { ...counts, digest: hash.digest('hex') };
  });
}

async function count(query: Queryable, tenantId: string) {
  const { rows } = await query.query<{ events: string; streams: string; seals: string }>(
    `SELECT (SELECT count(*) FROM es_event WHERE tenant_id = $1) AS events,
            (SELECT count(*) FROM es_stream WHERE tenant_id = $1) AS streams,
            (SELECT count(*) FROM es_seal WHERE tenant_id = $1) AS seals`,
    [tenantId],
  );
  const { events, streams, seals } = rows[0]!;
  return { events: Number(events), streams: Number(streams), seals: Number(seals) };
}

/** Seals that state that others before them are given up: a reader has to know beforehand. */
async function resumedSeals(query: Queryable, tenantId: string): Promise<readonly Resumption[]> {
  const { rows } = await query.query<{ content: string }>(
    `SELECT content FROM es_seal WHERE tenant_id = $1 AND content LIKE '%"resumes":%'
      ORDER BY number`,
    [tenantId],
  );
  return rows.flatMap(({ content }) => {
    const seal = readSeal(content);
    return seal?.resumes === undefined ? [] : [{ number: seal.number, resumes: seal.resumes }];
  });
}

interface Resumption {
  readonly number: number;
  readonly resumes: number;
}

/** Events in feed order, and each seal behind the last event it covers. */
async function* linesOf(
  query: Queryable,
  tenantId: string,
  resumed: readonly Resumption[],
): AsyncGenerator<{ readonly kind: string }> {
  const events = eventsOf(query, tenantId);
  let event = await events.next();
  for await (const row of sealsFrom(query, tenantId, 1, true)) {
    const { number, content, signature, entries } = row;
    const isVoid = resumed.some((one) => number > one.resumes && number < one.number);
    const to = isVoid ? undefined : readSeal(content)?.to;
    while (to && !event.done && comparePlaces(placeOf(event.value), to) <= 0) {
      yield { kind: 'event', ...event.value };
      event = await events.next();
    }
    const packed = entries && entries.toString('base64');
    const line = { kind: 'seal', number, content, signature, entries: packed };
    yield line;
  }
  for (; !event.done; event = await events.next()) yield { kind: 'event', ...event.value };
}

const placeOf = ({ position }: StoredEvent) => position.slice(0, position.lastIndexOf('.'));

async function* eventsOf(query: Queryable, tenantId: string): AsyncGenerator<StoredEvent> {
  if (!isUuid(tenantId)) throw new TypeError('not a tenant id');
  // All of it will be read: whether the feed's index or a sort is faster is known to the planner.
  await query.query('SET LOCAL cursor_tuple_fraction = 1');
  await query.query(
    `DECLARE events NO SCROLL CURSOR FOR SELECT ${EVENT_COLUMNS} FROM es_event e
      WHERE e.tenant_id = '${tenantId}' ORDER BY e.epoch, e.xid, e.pos`,
  );
  for (;;) {
    const { rows } = await query.query<EventRow>(`FETCH ${PAGE} FROM events`);
    for (const row of rows) yield storedEvent(row);
    if (rows.length < PAGE) return;
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

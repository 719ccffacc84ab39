import type { Database } from '../../postgres/database.js';
import { parsePosition, START } from '../port.js';
import { EVENT_COLUMNS, positionText, storedEvent, type EventRow } from '../postgres-store.js';
import { LogRefusedError } from './errors.js';
import { serverEvents, type PreparedEvent } from './records.js';
import type { KurrentDbServer } from './server.js';

export interface TransferOptions {
  /** Only this tenant. */
  readonly tenantId?: string;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, total: number) => void;
}

export interface Transferred {
  readonly events: number;
  /** Those the server held already, from an earlier run. */
  readonly present: number;
}

interface Row extends EventRow {
  readonly request: string | null;
  readonly result: string | null;
}

/** One command's events of one stream, as they follow each other in the feed. */
interface Run {
  readonly tenantId: string;
  readonly streamId: string;
  readonly commandId: string;
  readonly events: Row[];
}

const PAGE = 1_000;
/** Events and characters of one append: below what a server takes on its defaults. */
const EVENTS = 200;
const CHARACTERS = 256 * 1024;

const sizeOf = ({ data, meta }: Row) => data.length + meta.length;

function runsOf(rows: readonly Row[]): readonly Run[] {
  const runs: Run[] = [];
  let size = 0;
  for (const row of rows) {
    const last = runs.at(-1);
    size += sizeOf(row);
    const isSame =
      last?.streamId === row.stream_id &&
      last.tenantId === row.tenant_id &&
      last.commandId === row.command_id;
    if (isSame && last.events.length < EVENTS && size < CHARACTERS) {
      last.events.push(row);
      continue;
    }
    size = sizeOf(row);
    const { tenant_id: tenantId, stream_id: streamId, command_id: commandId } = row;
    runs.push({ tenantId, streamId, commandId, events: [row] });
  }
  return runs;
}

function prepared(row: Row): PreparedEvent {
  const { occurredAt, recordedAt, ...event } = storedEvent(row);
  return { ...event, occurred: occurredAt.getTime(), recorded: recordedAt.getTime() };
}

/**
 * Writes the log of PostgreSQL to the server in the order of its feed, under the same ids, revisions
 * and hashes. What is there already is passed over, so that a run that was broken off goes on.
 * Throws {@link LogRefusedError} where the server holds something else.
 */
export async function transferToServer(
  database: Database,
  server: KurrentDbServer,
  { tenantId, signal, progress }: TransferOptions = {},
): Promise<Transferred> {
  const pool = database.pool('feed');
  const counted = await pool.query<{ n: string }>(
    'SELECT count(*) AS n FROM es_event WHERE $1::uuid IS NULL OR tenant_id = $1',
    [tenantId ?? null],
  );
  const total = Number(counted.rows[0]!.n);
  const versions = new Map<string, number>();
  let [events, present] = [0, 0];
  for (let after = START; ;) {
    signal?.throwIfAborted();
    const { epoch, xid, pos } = parsePosition(after);
    // What a command came to goes with its last event, which is where its position points to.
    const { rows } = await pool.query<Row>(
      `SELECT ${EVENT_COLUMNS}, encode(c.request_hash, 'hex') AS request, c.result
         FROM es_event e LEFT JOIN es_command c ON c.tenant_id = e.tenant_id
          AND c.command_id = e.command_id AND (c.epoch, c.xid, c.pos) = (e.epoch, e.xid, e.pos)
        WHERE (e.epoch, e.xid, e.pos) > ($1::int, $2::text::xid8, $3::bigint)
          AND ($4::uuid IS NULL OR e.tenant_id = $4)
        ORDER BY e.epoch, e.xid, e.pos LIMIT ${PAGE}`,
      [String(epoch), String(xid), String(pos), tenantId ?? null],
    );
    for (const run of runsOf(rows)) {
      signal?.throwIfAborted();
      present += await transferRun(server, versions, run);
      events += run.events.length;
      progress?.(events, total);
    }
    if (rows.length < PAGE) return { events, present };
    after = positionText(rows.at(-1)!);
  }
}

/** Answers how many events of the run the server held. */
async function transferRun(
  server: KurrentDbServer,
  versions: Map<string, number>,
  { tenantId, streamId, commandId, events }: Run,
): Promise<number> {
  const name = server.names.of(tenantId, streamId);
  if (!versions.has(name)) versions.set(name, (await server.last(name, 0))?.version ?? 0);
  const version = versions.get(name)!;
  const missing = events.map(prepared).filter((event) => event.version > version);
  const known = events.length - missing.length;
  if (known > 0) await mustBeSame(server, name, prepared(events[known - 1]!));
  if (missing.length === 0) return known;
  const after = missing[0]!.version - 1;
  if (after !== version) {
    throw new LogRefusedError(`${name} on the server ends at revision ${version}, not ${after}.`);
  }
  const { request, result } = events.at(-1)!;
  const stream = { streamId, after, events: missing };
  const claim = { tenantId, commandId, token: '', checks: [], streams: [stream] };
  const written = serverEvents(
    { ...claim, requestHash: request ?? '', result: result ?? '' },
    stream,
    result !== null,
  );
  await server.append({ name, after, events: written });
  versions.set(name, missing.at(-1)!.version);
  return known;
}

async function mustBeSame(server: KurrentDbServer, name: string, event: PreparedEvent) {
  const found = await server.at(name, event.version, 0);
  if (found?.hash === event.hash) return;
  throw new LogRefusedError(
    `Revision ${event.version} of ${name} is another on the server; it belongs to another log. ` +
      'Choose an empty server, or set KURRENTDB_STREAM_PREFIX.',
  );
}

import type { Database } from '../../postgres/database.js';
import { eventHash, GENESIS } from '../hash.js';
import type { KurrentDbServer } from './server.js';

/** A stream that the copy and the server do not hold alike. */
export interface Difference {
  readonly tenantId: string;
  readonly streamId: string;
  readonly version: number;
  readonly message: string;
}

export interface Comparison {
  readonly streams: number;
  readonly events: number;
  /** The first hundred. */
  readonly differences: readonly Difference[];
}

export interface CompareOptions {
  /** Only this tenant. */
  readonly tenantId?: string;
  /** Reads every event back and recomputes its hash; otherwise the ends of the streams. */
  readonly whole?: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, total: number) => void;
}

interface HeadRow {
  readonly tenant: string;
  readonly stream: string;
  readonly version: string;
  readonly hash: string;
  readonly n: string;
}

const STREAMS = 200;
const AT_ONCE = 16;
const EVENTS = 512;
const TOLD = 100;

/**
 * Holds each stream of the copy against the server: its head must be there with the same hash, and
 * nothing of the server may be missing before it. The server may be ahead while there are writers.
 */
export async function compareStreams(
  database: Database,
  server: KurrentDbServer,
  { tenantId, whole = false, signal, progress }: CompareOptions = {},
): Promise<Comparison> {
  const differences: Difference[] = [];
  let [streams, events] = [0, 0];
  const pool = database.pool('feed');
  const { rows: counted } = await pool.query<{ n: string }>(
    'SELECT count(*) AS n FROM es_stream WHERE $1::uuid IS NULL OR tenant_id = $1',
    [tenantId ?? null],
  );
  const total = Number(counted[0]!.n);
  let after = ['00000000-0000-0000-0000-000000000000', ''];
  for (;;) {
    const { rows } = await pool.query<HeadRow>(
      `SELECT s.tenant_id AS tenant, s.stream_id AS stream, s.version,
          encode(s.head_hash, 'hex') AS hash
         FROM es_stream s WHERE (s.tenant_id, s.stream_id) > ($1, $2)
          AND ($3::uuid IS NULL OR s.tenant_id = $3)
        ORDER BY s.tenant_id, s.stream_id LIMIT ${STREAMS}`,
      [...after, tenantId ?? null],
    );
    const waiting = [...rows];
    const compare = async () => {
      for (let row = waiting.shift(); row; row = waiting.shift()) {
        signal?.throwIfAborted();
        const message = whole ? await readBack(server, row) : await compareHead(server, row);
        streams += 1;
        events += Number(row.version);
        progress?.(streams, total);
        if (message === undefined || differences.length >= TOLD) continue;
        const { tenant, stream, version } = row;
        differences.push({ tenantId: tenant, streamId: stream, version: Number(version), message });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, compare));
    if (rows.length < STREAMS) return { streams, events, differences };
    const last = rows.at(-1)!;
    after = [last.tenant, last.stream];
  }
}

async function compareHead(server: KurrentDbServer, row: HeadRow): Promise<string | undefined> {
  const version = Number(row.version);
  const found = await server.at(server.names.of(row.tenant, row.stream), version, 0);
  if (!found) return `revision ${version} is not on the KurrentDB server`;
  if (found.hash === row.hash && eventHash(found) === found.hash) return undefined;
  return `revision ${version} is another on the KurrentDB server`;
}

async function readBack(server: KurrentDbServer, row: HeadRow): Promise<string | undefined> {
  const name = server.names.of(row.tenant, row.stream);
  const length = Number(row.version);
  let [version, hash] = [0, GENESIS];
  while (version < length) {
    const limit = Math.min(EVENTS, length - version);
    const page = await server.forward(name, version + 1, limit, 0);
    for (const event of page) {
      version += 1;
      const isIntact =
        event.version === version && event.prevHash === hash && eventHash(event) === event.hash;
      if (!isIntact) return `revision ${version} does not verify on the KurrentDB server`;
      hash = event.hash;
    }
    if (page.length < limit) return `revision ${version + 1} is not on the KurrentDB server`;
  }
  return hash === row.hash ? undefined : `revision ${length} is another on the KurrentDB server`;
}

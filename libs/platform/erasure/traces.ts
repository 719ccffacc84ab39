import type { EventCodec } from '../event-store/codec.js';
import type { PostgresEventStore } from '../event-store/postgres-store.js';
import type { Database, Queryable } from '../postgres/database.js';
import { Mentions } from './mentions.js';

/** Whose data it is about. */
export interface Subject {
  readonly tenantId: string;
  readonly subjectId: string;
}

/** What the log holds of a data subject. */
export interface Traces {
  /** Versions of the key that are not destroyed yet. */
  readonly keys: readonly number[];
  readonly destroyed: number;
  /** Events with data sealed under the subject. */
  readonly events: number;
  /** Category → streams with such events. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
  /** Events the subject caused, with the address and browser they used. */
  readonly caused: number;
}

/** The subject's own streams: they end with its erasure. */
export function ownStreams({ streams }: Traces, { subjectId }: Subject): readonly string[] {
  return [...streams.values()].flat().filter((stream) => stream.endsWith(`-${subjectId}`));
}

/** Reads what the log holds of a subject; one look through the tenant's events, without a lock. */
export async function tracesOf(
  database: Database,
  { tenantId, subjectId }: Subject,
): Promise<Traces> {
  const pool = database.pool('feed') as unknown as Queryable;
  const keys = await pool.query<{ version: number; gone: boolean }>(
    `SELECT version, wrapped IS NULL AS gone FROM es_subject_key
      WHERE tenant_id = $1 AND subject_id = $2 ORDER BY version`,
    [tenantId, subjectId],
  );
  const sealed = await pool.query<{ stream_id: string; n: string }>(
    `SELECT stream_id, count(*) AS n FROM es_event
      WHERE tenant_id = $1 AND key_id >= $2 || ':' AND key_id < $2 || ';'
      GROUP BY stream_id ORDER BY stream_id`,
    [tenantId, subjectId],
  );
  const caused = await pool.query<{ n: string }>(
    `SELECT count(*) AS n FROM es_event WHERE tenant_id = $1
        AND meta LIKE '%"sealed":{%' AND meta::json -> 'sealed' ->> 'subject' = $2`,
    [tenantId, subjectId],
  );
  const names = sealed.rows.map((row) => row.stream_id);
  return {
    keys: keys.rows.filter(({ gone }) => !gone).map(({ version }) => version),
    destroyed: keys.rows.filter(({ gone }) => gone).length,
    events: sealed.rows.reduce((sum, { n }) => sum + Number(n), 0),
    streams: Map.groupBy(names, (name) => name.slice(0, name.indexOf('-'))),
    caused: Number(caused.rows[0]!.n),
  };
}

/** What of the subject's data another text would have to hold to mention the subject. */
export async function mentionsOf(
  { store, codec }: { readonly store: PostgresEventStore; readonly codec: EventCodec },
  { tenantId }: Subject,
  { streams }: Traces,
): Promise<Mentions> {
  const mentions = new Mentions();
  for (const stream of [...streams.values()].flat()) {
    for (const event of await codec.decode(await store.readStream(tenantId, stream))) {
      const { personal } = codec.definition(event.type);
      const data = event.data as Readonly<Record<string, unknown>>;
      for (const field of personal) mentions.add(data[field]);
      mentions.because(event.meta.correlationId);
    }
  }
  return mentions;
}

import type { RecordedEvent } from '#kernel/event';
import type { StoredEvent } from '../event-store/port.js';
import type { Queryable } from '../postgres/database.js';

/** Events a processor leaves out for good, because an operator said so. */
export const discardTables = /* sql */ `
CREATE TABLE es_discarded (
  processor text NOT NULL,
  tenant_id uuid NOT NULL,
  stream_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  reason text NOT NULL,
  note text NOT NULL,
  discarded_by text NOT NULL,
  discarded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, processor, stream_id, version)
);
`;

/** What is left out, who wants it and why. */
export interface Discard {
  /** Revision of the event that is to blame. */
  readonly version: number;
  readonly by: string;
  readonly note: string;
}

/** Leaves out an event that is parked; `place` is processor, tenant and stream. */
export async function leaveOut(
  query: Queryable,
  place: readonly string[],
  { version, by, note }: Discard,
): Promise<void> {
  await query.query(
    `INSERT INTO es_discarded
       (processor, tenant_id, stream_id, version, event_id, type, reason, note, discarded_by)
     SELECT processor, tenant_id, stream_id, version, event_id, type, reason, $5, $6
       FROM es_dead_letter
      WHERE processor = $1 AND tenant_id = $2 AND stream_id = $3 AND version = $4
     ON CONFLICT DO NOTHING`,
    [...place, version, note, by],
  );
}

type Place = Pick<RecordedEvent | StoredEvent, 'tenantId' | 'streamId' | 'version'>;

/** The events that are left out, to be asked event by event. */
export class Discards {
  private constructor(private readonly keys: ReadonlySet<string>) {}

  /** Of all processors, or of one. */
  static async read(query: Queryable, processor?: string): Promise<Discards> {
    const { rows } = await query.query<{ key: string }>(
      `SELECT concat_ws('/', processor, tenant_id, stream_id, version) AS key FROM es_discarded
        WHERE $1::text IS NULL OR processor = $1`,
      [processor ?? null],
    );
    return new Discards(new Set(rows.map(({ key }) => key)));
  }

  has(processor: string, { tenantId, streamId, version }: Place): boolean {
    return this.keys.size > 0 && this.keys.has(`${processor}/${tenantId}/${streamId}/${version}`);
  }
}

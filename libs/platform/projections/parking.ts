import type { RecordedEvent } from '#kernel/event';
import type { StoredEvent } from '../event-store/port.js';
import type { Queryable } from '../postgres/database.js';

/** Why an event that could be applied is set aside. */
export const QUEUED = 'queued behind a parked event';

/** Streams set aside, as `<processor>/<tenant>/<stream>`. */
export async function parkedStreams(query: Queryable, where = ''): Promise<readonly string[]> {
  const { rows } = await query.query<{ key: string }>(
    `SELECT DISTINCT processor || '/' || tenant_id || '/' || stream_id AS key
       FROM es_dead_letter ${where}`,
  );
  return rows.map(({ key }) => key);
}

/** Sets an event of a processor aside; later ones of its stream queue behind it. */
export async function park(
  query: Queryable,
  processor: string,
  event: RecordedEvent | StoredEvent,
  reason: string,
): Promise<void> {
  await query.query(
    `INSERT INTO es_dead_letter (processor, tenant_id, stream_id, version, event_id, type, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [processor, event.tenantId, event.streamId, event.version, event.eventId, event.type, reason],
  );
}

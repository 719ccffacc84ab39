import type { ReadModel } from '#kernel/read-model';
import { categoryOf } from '../event-store/port.js';
import type { Database } from '../postgres/database.js';
import { QUEUED } from '../projections/parking.js';

/** A stream a read model set aside, and the event that is to blame. */
export interface DeadLetter {
  readonly name: string;
  readonly tenantId: string;
  readonly streamId: string;
  /** Revision of the event that cannot be applied. */
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  readonly reason: string;
  /** Events of the stream set aside, this one among them. */
  readonly events: number;
  readonly parkedAt: Date;
}

interface LetterRow {
  processor: string;
  tenant_id: string;
  stream_id: string;
  version: string;
  event_id: string;
  type: string;
  reason: string;
  events: string;
  parked_at: Date;
}

/** The streams that are parked, the longest waiting first. */
export async function deadLetters(
  database: Database,
  only: { readonly name?: string; readonly tenantId?: string; readonly streamId?: string } = {},
): Promise<readonly DeadLetter[]> {
  const { rows } = await database.pool('feed').query<LetterRow>(
    `SELECT * FROM (
       SELECT DISTINCT ON (processor, tenant_id, stream_id) *,
          count(*) OVER (PARTITION BY processor, tenant_id, stream_id) AS events
         FROM es_dead_letter
        WHERE ($1::text IS NULL OR processor = $1) AND ($2::uuid IS NULL OR tenant_id = $2)
          AND ($3::text IS NULL OR stream_id = $3)
        ORDER BY processor, tenant_id, stream_id, reason = $4, version) first
      ORDER BY parked_at, processor, tenant_id, stream_id`,
    [only.name ?? null, only.tenantId ?? null, only.streamId ?? null, QUEUED],
  );
  return rows.map((row) => ({
    name: row.processor,
    tenantId: row.tenant_id,
    streamId: row.stream_id,
    version: Number(row.version),
    eventId: row.event_id,
    type: row.type,
    reason: row.reason,
    events: Number(row.events),
    parkedAt: row.parked_at,
  }));
}

/** A record a processor set aside, as its workspace sees it. */
export interface ParkedRecord {
  /** Name of a read model, or `saga:` and that of a saga or policy. */
  readonly processor: string;
  readonly streamId: string;
  readonly record: string;
  readonly recordId: string;
  /** Revision of the event that is to blame. */
  readonly revision: number;
  readonly eventType: string;
  readonly reason: string;
  /** Events of the record that wait, this one among them. */
  readonly events: number;
  readonly parkedAt: Date;
}

export function parkedRecord(record: string, letter: DeadLetter): ParkedRecord {
  const { name, streamId, version, type, reason, events, parkedAt } = letter;
  // A stream is called by its category and an id, and ids hold dashes themselves.
  const recordId = streamId.slice(-36);
  const place = { processor: name, streamId, record, recordId };
  return { ...place, revision: version, eventType: type, reason, events, parkedAt };
}

/** All that processors set aside of one workspace. */
export interface WorkspaceDeadLetters {
  /** The longest waiting, at most five hundred. */
  readonly records: readonly ParkedRecord[];
  /** Records that are parked, one for each processor. */
  readonly streams: number;
  /** Events that wait. */
  readonly events: number;
}

const SHOWN = 500;

export async function workspaceDeadLetters(
  database: Database,
  tenantId: string,
  models: readonly Pick<ReadModel, 'name' | 'record'>[],
): Promise<WorkspaceDeadLetters> {
  const letters = await deadLetters(database, { tenantId });
  const records = new Map(models.map(({ name, record }) => [name, record]));
  const recordOf = ({ name, streamId }: DeadLetter) => records.get(name) ?? categoryOf(streamId);
  return {
    records: letters.slice(0, SHOWN).map((one) => parkedRecord(recordOf(one), one)),
    streams: letters.length,
    events: letters.reduce((sum, { events }) => sum + events, 0),
  };
}

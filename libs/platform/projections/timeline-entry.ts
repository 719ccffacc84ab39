import { isUuid } from '#kernel/ids';
import type { FieldChange } from './row-fold.js';
import { pointInTime } from './zone.js';

/** One change of one record: who, when, what from and to, and why. */
export interface TimelineEntry {
  readonly id: string;
  readonly recordType: string;
  readonly recordId: string;
  readonly recordLabel: string | null;
  readonly relatedType: string | null;
  readonly relatedId: string | null;
  readonly revision: number;
  readonly eventType: string;
  readonly action: string;
  readonly actor: { readonly type: string; readonly id: string };
  readonly changes: readonly FieldChange[];
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly requestId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly occurredAt: string;
  readonly recordedAt: string;
}

export interface TimelineQuery {
  readonly recordType?: string;
  readonly recordId?: string;
  /** Also entries of records that belong to the record: its notes, tasks and deals. */
  readonly includeRelated?: boolean;
  readonly actorId?: string;
  readonly actions?: readonly string[];
  readonly recordTypes?: readonly string[];
  readonly field?: string;
  readonly correlationId?: string;
  readonly search?: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly asOf?: Date;
  readonly knownAt?: Date;
  readonly ascending?: boolean;
  readonly limit: number;
  /** The last entry seen. */
  readonly cursor?: TimelineCursor;
}

/** A place in the timeline: what happened at one instant to one record keeps its order. */
export interface TimelineCursor {
  readonly occurredAt: string;
  readonly revision: number;
  readonly id: string;
  readonly part: number;
}

export interface TimelinePage {
  readonly entries: readonly TimelineEntry[];
  readonly hasNext: boolean;
  readonly nextCursor: string | null;
}

export interface TimelineStatistics {
  readonly total: number;
  readonly byAction: readonly { readonly action: string; readonly count: number }[];
  readonly byRecordType: readonly { readonly recordType: string; readonly count: number }[];
  readonly byActor: readonly { readonly actorId: string; readonly count: number }[];
  readonly byDay: readonly { readonly day: string; readonly count: number }[];
}

export interface TimelineRow {
  id: string;
  part: number;
  record_type: string;
  record_id: string;
  record_label: string | null;
  related_type: string | null;
  related_id: string | null;
  revision: string;
  event_type: string;
  action: string;
  actor_type: string;
  actor_id: string;
  changes: FieldChange[];
  command_id: string;
  correlation_id: string;
  causation_id: string | null;
  request_id: string | null;
  ip: string | null;
  user_agent: string | null;
  occurred_at: Date;
  recorded_at: Date;
}

export function encodeTimelineCursor(cursor: TimelineCursor): string {
  const { occurredAt, revision, id, part } = cursor;
  return Buffer.from(JSON.stringify([occurredAt, revision, id, part])).toString('base64url');
}
/** Largest smallint, the type of an entry's part. */
const MAX_PART = 32_767;

export function decodeTimelineCursor(text: string): TimelineCursor | undefined {
  try {
    const [occurredAt, revision, id, part] = JSON.parse(
      Buffer.from(text, 'base64url').toString(),
    ) as unknown[];
    const valid =
      typeof occurredAt === 'string' &&
      pointInTime(occurredAt, 'UTC') !== undefined &&
      Number.isSafeInteger(revision) &&
      isUuid(id) &&
      Number.isInteger(part) &&
      (part as number) >= 0 &&
      (part as number) <= MAX_PART;
    return valid
      ? { occurredAt, revision: revision as number, id, part: part as number }
      : undefined;
  } catch {
    return undefined;
  }
}

export function entryOf(row: TimelineRow): TimelineEntry {
  return {
    id: row.id,
    recordType: row.record_type,
    recordId: row.record_id,
    recordLabel: row.record_label,
    relatedType: row.related_type,
    relatedId: row.related_id,
    revision: Number(row.revision),
    eventType: row.event_type,
    action: row.action,
    actor: { type: row.actor_type, id: row.actor_id },
    changes: row.changes,
    commandId: row.command_id,
    correlationId: row.correlation_id,
    causationId: row.causation_id,
    requestId: row.request_id,
    ip: row.ip,
    userAgent: row.user_agent,
    occurredAt: row.occurred_at.toISOString(),
    recordedAt: row.recorded_at.toISOString(),
  };
}

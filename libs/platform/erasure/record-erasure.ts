import type { EventMeta } from '#kernel/event';
import { deriveId } from '#kernel/ids';
import { erasureEvents } from '#event-schemas/platform/erasure.events';
import {
  reservationEvents,
  type ReservationEvent,
} from '#event-schemas/platform/reservation.events';
import { canonicalJson } from '../event-store/canonical-json.js';
import type { EncodeSession } from '../event-store/codec.js';
import type { NewEvent, StreamAppend } from '../event-store/port.js';
import type { Platform } from '../platform.js';
import type { ListedErasure } from './erasure-list.js';

const ATTEMPTS = 8;
/** The erasure's own stream and unique values of the subject, which are few. */
const MOST_RESERVATIONS = 60;

/**
 * Destroys the keys an erasure names and records it. What is destroyed is so before the event can
 * be read; doing it again changes nothing. Answers the position of the event.
 */
export async function recordErasure(platform: Platform, erasure: ListedErasure): Promise<string> {
  const { database, keys, wakeUp } = platform;
  const { tenantId, subjectId } = erasure;
  await database.pool('projector').query(
    `UPDATE es_subject_key SET wrapped = NULL, destroyed_at = clock_timestamp()
      WHERE tenant_id = $1 AND subject_id = $2 AND version = ANY ($3) AND wrapped IS NOT NULL`,
    [tenantId, subjectId, erasure.keys],
  );
  keys.forgetAll();
  wakeUp.signal('keys');
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const position = await append(platform, erasure);
    if (position !== undefined) return position;
  }
  throw new Error('the erasure could not be recorded; begin it again');
}

async function append(platform: Platform, erasure: ListedErasure): Promise<string | undefined> {
  const { store, codec, keys, wakeUp } = platform;
  const { id, tenantId, subjectId, reason, reference } = erasure;
  const streamId = `erasure-${subjectId}`;
  const { stored, events } = await store.load(tenantId, streamId, { commandId: id });
  if (stored) return stored.position;
  const meta: EventMeta = { actor: erasure.by, correlationId: id };
  const session = codec.session(tenantId);
  const fact = {
    type: erasureEvents.erased.type,
    data: { subjectId, keys: erasure.keys, reason, ...(reference ? { reference } : {}) },
  };
  const erased = await session.encode(streamId, deriveId(tenantId, id, 0), fact, meta);
  const outcome = await store.append({
    tenantId,
    commandId: id,
    requestHash: await keys.digest(tenantId, 'request', canonicalJson({ ...erasure })),
    streams: [
      { streamId, expected: events.length, events: [erased] },
      ...(await releases(platform, erasure, session, meta)),
    ],
    result: '{}',
  });
  if (outcome.status === 'duplicate') return outcome.stored.position;
  if (outcome.status !== 'appended') return undefined;
  wakeUp.signal();
  return outcome.position;
}

/** Unique values the subject held, such as an e-mail address, are free for others again. */
async function releases(
  { database, store, codec }: Platform,
  { id, tenantId, subjectId }: ListedErasure,
  session: EncodeSession,
  meta: EventMeta,
): Promise<StreamAppend[]> {
  const { rows } = await database.pool('feed').query<{ stream_id: string }>(
    `SELECT DISTINCT stream_id FROM es_event
      WHERE tenant_id = $1 AND stream_id >= 'reservation-' AND stream_id < 'reservation.'
        AND data LIKE $2 LIMIT ${MOST_RESERVATIONS}`,
    [tenantId, `%"holder":"${subjectId}"%`],
  );
  const streams: StreamAppend[] = [];
  for (const [n, { stream_id: streamId }] of rows.entries()) {
    const facts = await codec.decode(await store.readStream(tenantId, streamId));
    const last = facts.at(-1) as ReservationEvent | undefined;
    const held = last?.type === reservationEvents.taken.type && last.data.holder === subjectId;
    if (!held) continue;
    const { scope } = last.data;
    const fact = { type: reservationEvents.released.type, data: { scope, holder: subjectId } };
    const eventId = deriveId(tenantId, id, n + 1);
    const event: NewEvent = await session.encode(streamId, eventId, fact, meta);
    streams.push({ streamId, expected: facts.length, events: [event] });
  }
  return streams;
}

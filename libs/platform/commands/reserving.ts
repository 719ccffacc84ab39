import type { Outcome } from '#kernel/command';
import type { Fact } from '#kernel/event';
import { deriveId, hashId } from '#kernel/ids';
import type { Refusal } from '#kernel/refusal';
import { failpoint } from '../failpoints.js';
import type { EncodeSession, EventCodec } from '../event-store/codec.js';
import type { EventStore, StreamAppend } from '../event-store/port.js';
import { crowdedRefusal, fullRefusal, takenRefusal } from './answers.js';
import { encodeAll, type Call } from './call.js';
import type { Reservations, ReservationState } from './reservations.js';

interface ReservingParts {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly reservations: Reservations;
}

interface Reserved {
  readonly streams: readonly StreamAppend[];
  /** Releases of platform-wide values, once the append has succeeded. */
  readonly afterwards: readonly (() => Promise<unknown>)[];
}

/** Streams that take and release unique values in the same append. */
export async function reserve(
  parts: ReservingParts,
  call: Call,
  session: EncodeSession,
  outcome: Outcome<Fact>,
): Promise<Reserved | Refusal> {
  const streams: StreamAppend[] = [];
  const afterwards: (() => Promise<unknown>)[] = [];
  const { ctx, id } = call;
  const change = async (found: ReservationState, scope: string, type: string) => {
    const fact = { type, data: { scope, holder: id } };
    if (found.tenantId !== ctx.tenantId) {
      if (type === 'ReservationTaken') return reserveOnPlatform(parts, call, found, fact);
      afterwards.push(() => reserveOnPlatform(parts, call, found, fact));
      return undefined;
    }
    const events = await encodeAll(call, session, found.streamId, [fact], streams.length + 2);
    streams.push({ streamId: found.streamId, expected: found.revision, events });
    return undefined;
  };
  for (const reservation of outcome.take ?? []) {
    const found = await parts.reservations.find(ctx.tenantId, reservation);
    const { among } = reservation;
    if (among !== undefined) {
      if (found.holders.has(id)) continue;
      if (found.holders.size >= among) return fullRefusal(reservation.scope, among);
      await change(found, reservation.scope, 'ReservationTaken');
      continue;
    }
    const holder = call.options.rehearsal?.get(found.streamId) ?? found.holder;
    if (holder === id) continue;
    if (holder !== null) return takenRefusal(reservation.scope);
    call.options.rehearsal?.set(found.streamId, id);
    const refused = await change(found, reservation.scope, 'ReservationTaken');
    if (refused) return refused;
  }
  for (const reservation of outcome.release ?? []) {
    const found = await parts.reservations.find(ctx.tenantId, reservation);
    if (found.holders.has(id)) await change(found, reservation.scope, 'ReservationReleased');
  }
  for (const { scope, value, among } of outcome.fits ?? []) {
    const { streamId, revision, holders } = await parts.reservations.find(ctx.tenantId, {
      scope,
      value,
    });
    if (holders.size > among) return crowdedRefusal(scope, among, holders.size);
    // Checked by the append: nobody takes a place meanwhile.
    streams.push({ streamId, expected: revision, events: [] });
  }
  return { streams, afterwards };
}

/** A value of the whole platform lives in the platform's own tenant: a step of its own. */
async function reserveOnPlatform(
  parts: ReservingParts,
  call: Call,
  found: ReservationState,
  fact: Fact,
): Promise<Refusal | undefined> {
  const commandId = hashId(call.commandId, found.streamId, fact.type);
  const session = parts.codec.session(found.tenantId);
  const event = await session.encode(found.streamId, deriveId(found.tenantId, commandId, 0), fact, {
    actor: { type: 'system', id: 'reservations' },
    correlationId: call.ctx.correlationId,
  });
  const outcome = await parts.store.append({
    tenantId: found.tenantId,
    commandId,
    requestHash: call.requestHash,
    streams: [{ streamId: found.streamId, expected: found.revision, events: [event] }],
    result: '{}',
  });
  failpoint('between_reservation_and_append');
  return outcome.status === 'appended' || outcome.status === 'duplicate'
    ? undefined
    : takenRefusal((fact.data as { scope: string }).scope);
}

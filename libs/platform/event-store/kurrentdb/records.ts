import type { EventData } from '@kurrent/kurrentdb-client';
import { eventHash, GENESIS } from '../hash.js';
import type { AppendRequest, NewEvent, StoredEvent } from '../port.js';
import { shardOf } from '../shard.js';
import type { StreamNames } from './names.js';

/** The end of a stream: what the next event continues. Times in milliseconds. */
export interface Head {
  readonly version: number;
  readonly hash: string;
  readonly occurred: number;
  readonly recorded: number;
}

export const EMPTY: Head = { version: 0, hash: GENESIS, occurred: 0, recorded: 0 };

export const headAt = (event: StoredEvent): Head => ({
  version: event.version,
  hash: event.hash,
  occurred: event.occurredAt.getTime(),
  recorded: event.recordedAt.getTime(),
});

/** An event with its place in the chain, as JSON text can hold it. Times in milliseconds. */
export interface PreparedEvent extends Omit<NewEvent, 'occurredAt' | 'keyId'> {
  readonly keyId: string | null;
  readonly version: number;
  readonly prevHash: string;
  readonly hash: string;
  readonly occurred: number;
  readonly recorded: number;
}

export interface PreparedStream {
  readonly streamId: string;
  /** The version the events come after. */
  readonly after: number;
  readonly events: readonly PreparedEvent[];
}

/** An append as it is carried out, however often: every byte of its events is settled. */
export interface Claim {
  readonly tenantId: string;
  readonly commandId: string;
  readonly token: string;
  readonly requestHash: string;
  readonly result: string;
  /** Streams that are written, in order. */
  readonly streams: readonly PreparedStream[];
  /** Streams that are only looked at. */
  readonly checks: readonly { readonly streamId: string; readonly expected: number | 'exists' }[];
}

/** The chain of new events behind a head, exactly as the database would compute it. */
export function continued(
  { tenantId, commandId }: Pick<Claim, 'tenantId' | 'commandId'>,
  streamId: string,
  head: Head,
  events: readonly NewEvent[],
  clock: number,
): PreparedStream {
  const recorded = Math.max(clock, head.recorded);
  let { version, hash: prevHash, occurred } = head;
  const prepared = events.map(({ occurredAt, keyId = null, ...event }) => {
    version += 1;
    occurred = Math.max(occurredAt?.getTime() ?? recorded, occurred);
    const hash = eventHash({
      ...event,
      ...{ tenantId, streamId, commandId, version, keyId, prevHash },
      occurredAt: new Date(occurred),
      recordedAt: new Date(recorded),
    });
    const next = { ...event, keyId, version, prevHash, hash, occurred, recorded };
    prevHash = hash;
    return next;
  });
  return { streamId, after: head.version, events: prepared };
}

/** Everything an append needs to be carried out by anyone, given the ends of its streams. */
export function claimOf(
  request: AppendRequest,
  heads: ReadonlyMap<string, Head>,
  clock: number,
  token: string,
): Claim {
  const { tenantId, commandId, requestHash, result } = request;
  const streams = request.streams
    .filter(({ events }) => events.length > 0)
    .map(({ streamId, events }) =>
      continued(request, streamId, heads.get(streamId)!, events, clock),
    );
  const checks = request.streams.flatMap(({ streamId, expected, events }) =>
    events.length > 0 || expected === 'any'
      ? []
      : [{ streamId, expected: expected === 'none' ? 0 : expected }],
  );
  return { tenantId, commandId, token, requestHash, result, streams, checks };
}

/**
 * Clear text only, so that every way of appending stores the same: newer servers take nothing else.
 * `meta` is the text the hash covers.
 */
type ServerMeta = Record<string, string>;

/**
 * The events of one stream as the server takes them; data as bytes, which come back unchanged. The
 * last event of a command says what it came to, unless it is to be left out.
 */
export function serverEvents(
  claim: Claim,
  stream: PreparedStream,
  isLast = stream === claim.streams.at(-1),
): EventData[] {
  return stream.events.map((event, index) => {
    const metadata: ServerMeta = {
      meta: event.meta,
      commandId: claim.commandId,
      schemaVersion: String(event.schemaVersion),
      prevHash: event.prevHash,
      hash: event.hash,
      occurredAt: String(event.occurred),
      recordedAt: String(event.recorded),
      ...(event.keyId === null ? {} : { keyId: event.keyId }),
    };
    if (isLast && index === stream.events.length - 1) {
      metadata['requestHash'] = claim.requestHash;
      metadata['result'] = claim.result;
    }
    return {
      id: event.eventId,
      contentType: 'application/octet-stream' as const,
      type: event.type,
      data: Buffer.from(event.data),
      metadata,
    };
  });
}

/** A place in `$all`. */
export interface ServerPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** An event as either of the client's two ways of reading gives it. */
export interface ServerEvent {
  readonly streamId: string;
  readonly id: string;
  readonly revision: bigint | number;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly position?: { readonly commit: bigint | number; readonly prepare: bigint | number };
}

/** The server holds something in our streams that we did not write. */
export class ForeignEventError extends Error {}

/** An event of the log, and at the end of a command what the command came to. */
export interface ReadEvent extends StoredEvent {
  readonly at: ServerPosition;
  readonly requestHash: string | null;
  readonly result: string | null;
}

const UNKNOWN = 2n ** 63n;

/** Numbers arrive as either type; a place that the server does not tell is before everything. */
export function serverPosition(position: ServerEvent['position']): ServerPosition {
  const [commit, prepare] = [BigInt(position?.commit ?? 0), BigInt(position?.prepare ?? 0)];
  const known = commit >= 0n && commit < UNKNOWN && prepare >= 0n && prepare < UNKNOWN;
  return known ? { commit, prepare } : { commit: 0n, prepare: 0n };
}

export const isBefore = (a: ServerPosition, b: ServerPosition): boolean =>
  a.commit < b.commit || (a.commit === b.commit && a.prepare < b.prepare);

/** What the server holds as an event of the log. Throws {@link ForeignEventError}. */
export function readEvent(names: StreamNames, epoch: number, event: ServerEvent): ReadEvent {
  const place = names.parse(event.streamId);
  const meta = event.metadata as Partial<ServerMeta> | undefined;
  const bytes = event.data instanceof Uint8Array ? event.data : undefined;
  if (!place || !bytes || typeof meta?.['hash'] !== 'string' || meta['meta'] === undefined) {
    throw new ForeignEventError(
      `Event ${event.id} of ${event.streamId} on the server was not written by this product.`,
    );
  }
  const at = serverPosition(event.position);
  const shard = shardOf(place.tenantId, place.streamId);
  return {
    ...place,
    at,
    version: Number(BigInt(event.revision)) + 1,
    position: `${epoch}.${at.commit}.${at.prepare}.${shard}`,
    eventId: event.id,
    commandId: meta['commandId']!,
    type: event.type,
    schemaVersion: Number(meta['schemaVersion']),
    data: Buffer.from(bytes).toString('utf8'),
    meta: meta['meta'],
    keyId: meta['keyId'] ?? null,
    prevHash: meta['prevHash']!,
    hash: meta['hash'],
    occurredAt: new Date(Number(meta['occurredAt'])),
    recordedAt: new Date(Number(meta['recordedAt'])),
    requestHash: meta['requestHash'] ?? null,
    result: meta['result'] ?? null,
  };
}

/** The event as the port promises it, without what only the server's side needs. */
export function storedEvent({ at: _at, requestHash: _hash, result: _result, ...event }: ReadEvent) {
  return event satisfies StoredEvent;
}

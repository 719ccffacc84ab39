import { createHash } from 'node:crypto';
import type { StoredEvent } from './port.js';

/** The hash before the first event of a stream: 32 zero bytes. */
export const GENESIS = '0'.repeat(64);

const sha256 = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** What the chain covers beside the content; feed order (epoch, xid, pos) is not part of it. */
export type HashedEvent = Omit<StoredEvent, 'position' | 'hash'>;

/** The text the hash covers before the content: identity, type and both times in milliseconds. */
export function hashHeader(event: HashedEvent): string {
  return [
    event.tenantId,
    event.streamId,
    event.version,
    event.eventId,
    event.commandId,
    event.type,
    event.schemaVersion,
    event.keyId ?? '',
    event.occurredAt.getTime(),
    event.recordedAt.getTime(),
  ].join('\n');
}

/** sha256(prev ‖ header ‖ sha256(data) ‖ sha256(meta)), hex; the database computes the same. */
export function eventHash(event: HashedEvent): string {
  return sha256(
    Buffer.from(event.prevHash, 'hex'),
    hashHeader(event),
    sha256(event.data),
    sha256(event.meta),
  ).toString('hex');
}

/** The version at which a stream's chain breaks, or undefined when it verifies. */
export function firstBrokenLink(events: readonly StoredEvent[]): number | undefined {
  let previous = GENESIS;
  let version = 0;
  for (const event of events) {
    version += 1;
    const intact =
      event.version === version && event.prevHash === previous && eventHash(event) === event.hash;
    if (!intact) return version;
    previous = event.hash;
  }
  return undefined;
}

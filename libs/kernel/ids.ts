import { createHash, randomFillSync } from 'node:crypto';

/** The platform's own tenant. */
export const PLATFORM_TENANT = '00000000-0000-0000-0000-000000000000';

function format(bytes: Uint8Array, version: 7 | 8): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return [0, 8, 12, 16, 20].map((start, i) => hex.slice(start, [8, 12, 16, 20, 32][i])).join('-');
}

/** Random bytes are fetched for many ids at once: each fetch is a call into the system. */
const entropy = Buffer.alloc(16 * 256);
let used = entropy.length;

/** A new UUIDv7 (RFC 9562): 48 bits of milliseconds, the rest random. */
export function uuidv7(now: number = Date.now()): string {
  if (used === entropy.length) {
    randomFillSync(entropy);
    used = 0;
  }
  const bytes = entropy.subarray(used, (used += 16));
  bytes.writeUIntBE(now, 0, 6);
  return format(bytes, 7);
}

/**
 * The n-th id of a command: the same inputs give the same id, so a retry creates nothing twice.
 * A time-ordered command id passes its time on, which keeps new rows together in the indexes.
 */
export function deriveId(tenantId: string, commandId: string, n: number): string {
  const digest = createHash('sha256').update(`${tenantId}:${commandId}:${n}`).digest();
  const bytes = new Uint8Array(digest.subarray(0, 16));
  const timeOrdered = commandId[14] === '7';
  if (timeOrdered) bytes.set(Buffer.from(commandId.replaceAll('-', '').slice(0, 12), 'hex'), 0);
  return format(bytes, timeOrdered ? 7 : 8);
}

/** A UUIDv8 from any text, for ids that stand for a key of another system. */
export function hashId(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(parts.join('\u001f')).digest();
  return format(new Uint8Array(digest.subarray(0, 16)), 8);
}

/** A UUIDv8 of the first 128 bits of a digest, hex. */
export function digestId(digest: string): string {
  return format(new Uint8Array(Buffer.from(digest.slice(0, 32), 'hex')), 8);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

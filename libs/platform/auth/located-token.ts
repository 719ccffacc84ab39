import { createHash, randomBytes } from 'node:crypto';

/** Where a token belongs, as it says itself, and what is stored instead of it; proves nothing yet. */
export interface LocatedToken {
  readonly token: string;
  readonly tenantId: string;
  /** Row of the table that tokens of its prefix are kept in. */
  readonly id: string;
  readonly hash: Buffer;
}

const SECRET_BYTES = 32;

/** The sixteen bytes of a UUID. */
export const uuidBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

/** The UUID of 32 hexadecimal digits. */
export const uuidOf = (hex: string): string =>
  hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/**
 * What is stored of a token: a hash without salt or stretching. Those are for secrets that people
 * choose; nobody guesses 256 random bits.
 */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A new token: 256 random bits behind the ids of tenant and row, which only say where to look. */
export function newLocatedToken(prefix: string, tenantId: string, id: string): LocatedToken {
  const body = Buffer.concat([uuidBytes(tenantId), uuidBytes(id), randomBytes(SECRET_BYTES)]);
  const token = prefix + body.toString('base64url');
  return { token, tenantId, id, hash: hashToken(token) };
}

/** Reads where a token with this prefix belongs; undefined when it cannot be one. */
export function readLocatedToken(prefix: string, token: string): LocatedToken | undefined {
  const text = token.slice(prefix.length);
  if (!token.startsWith(prefix) || !/^[\w-]{86}$/.test(text)) return undefined;
  const hex = Buffer.from(text, 'base64url').toString('hex');
  const [tenantId, id] = [uuidOf(hex.slice(0, 32)), uuidOf(hex.slice(32, 64))];
  return { token, tenantId, id, hash: hashToken(token) };
}

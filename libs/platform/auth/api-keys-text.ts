import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { hashToken, uuidBytes, uuidOf } from './located-token.js';

/**
 * How a key looks: `cf_live_<id>_<secret><checksum>`, all in letters and digits, so that a double
 * click takes the whole of it and scanners of source code find it and know it from an accident.
 */
export const API_KEY_PATTERN = /^cf_live_([0-9A-Za-z]{43})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;
/** The token of a SCIM connection, built alike: `cf_scim_<id>_<secret><checksum>`. */
export const SCIM_TOKEN_PATTERN = /^cf_scim_([0-9A-Za-z]{43})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

export type KeyKind = 'live' | 'scim';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_BYTES = 32;
const SECRET_BYTES = 32;
/** 62^43 is the first power above 2^256. */
const LENGTH = 43;
const CHECK_LENGTH = 6;

function digitsOf(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) {
    text = DIGITS[Number(rest % 62n)] + text;
  }
  return text;
}

function valueOf(text: string): bigint {
  return [...text].reduce((sum, digit) => sum * 62n + BigInt(DIGITS.indexOf(digit)), 0n);
}

const encode = (bytes: Buffer) => digitsOf(BigInt(`0x${bytes.toString('hex')}`), LENGTH);
const checksumOf = (text: string) => digitsOf(BigInt(crc32(text)), CHECK_LENGTH);

/** A key as its holder keeps it, and what is stored instead. */
export interface ApiKeyText {
  readonly key: string;
  readonly tenantId: string;
  /** Row of `auth_api_key`. */
  readonly id: string;
  readonly hash: Buffer;
}

/** A new key, or the token of a SCIM connection. */
export function newApiKey(tenantId: string, id: string, kind: KeyKind = 'live'): ApiKeyText {
  const where = encode(Buffer.concat([uuidBytes(tenantId), uuidBytes(id)]));
  const body = `cf_${kind}_${where}_${encode(randomBytes(SECRET_BYTES))}`;
  const key = body + checksumOf(body);
  return { key, tenantId, id, hash: hashToken(key) };
}

/** Whether a token of a request means to be an API key. */
export function looksLikeApiKey(token: string): boolean {
  return token.startsWith('cf_');
}

/** Reads where a key belongs; undefined when it cannot be one. Proves nothing yet. */
export function readApiKey(key: string, kind: KeyKind = 'live'): ApiKeyText | undefined {
  const parts = (kind === 'live' ? API_KEY_PATTERN : SCIM_TOKEN_PATTERN).exec(key);
  if (!parts) return undefined;
  const [, where, , checksum] = parts as unknown as readonly [string, string, string, string];
  if (checksumOf(key.slice(0, -CHECK_LENGTH)) !== checksum) return undefined;
  const hex = valueOf(where)
    .toString(16)
    .padStart(2 * ID_BYTES, '0');
  // 43 digits can say a little more than 32 bytes hold.
  if (hex.length !== 2 * ID_BYTES) return undefined;
  const [tenantId, id] = [uuidOf(hex.slice(0, 32)), uuidOf(hex.slice(32))];
  return { key, tenantId, id, hash: hashToken(key) };
}

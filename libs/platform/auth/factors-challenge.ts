import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { uuidv7 } from '#kernel/ids';
import type { Queryable } from '../postgres/database.js';

/** Minutes a sign-in may take between the password and the second factor. */
export const CHALLENGE_MINUTES = 10;

/** What a challenge is for: to prove a factor, or to add the first one, before there is a session. */
export type ChallengePurpose = 'sign_in' | 'enrol';

/** A challenge as its holder keeps it. */
export interface NewChallenge {
  readonly token: string;
  readonly expiresAt: Date;
}

/** A challenge that still waits. */
export interface Challenge {
  readonly tenantId: string;
  readonly id: string;
  readonly userId: string;
  readonly expiresAt: Date;
}

const PREFIX = 'cfm_';
const SECRET_BYTES = 32;
const bytesOf = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex');
const idOf = (bytes: Buffer) =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const hashOf = (token: string) => createHash('sha256').update(token).digest();

/** The tenant a challenge says it belongs to; undefined for what cannot be one. */
export function tenantOfChallenge(token: string): string | undefined {
  return partsOf(token)?.tenantId;
}

function partsOf(token: string) {
  if (!/^cfm_[\w-]{86}$/.test(token)) return undefined;
  const body = Buffer.from(token.slice(PREFIX.length), 'base64url');
  return { tenantId: idOf(body.subarray(0, 16)), id: idOf(body.subarray(16, 32)) };
}

/**
 * Makes a challenge. Its token is 256 random bits behind the ids that say where to look, so a plain
 * hash of it is stored: nobody guesses it.
 */
export async function newChallenge(
  db: Queryable,
  about: {
    readonly tenantId: string;
    readonly userId: string;
    readonly purpose: ChallengePurpose;
  },
  now: Date,
): Promise<NewChallenge> {
  const { tenantId, userId, purpose } = about;
  const id = uuidv7(now.getTime());
  const body = Buffer.concat([bytesOf(tenantId), bytesOf(id), randomBytes(SECRET_BYTES)]);
  const token = PREFIX + body.toString('base64url');
  const expiresAt = new Date(now.getTime() + CHALLENGE_MINUTES * 60_000);
  await db.query(
    `INSERT INTO auth_challenge (tenant_id, id, user_id, purpose, token_hash, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [tenantId, id, userId, purpose, hashOf(token), now, expiresAt],
  );
  return { token, expiresAt };
}

/** The challenge of a token, while it waits and is for this purpose. */
export async function openChallenge(
  db: Queryable,
  token: string,
  purpose: ChallengePurpose,
  now: Date,
): Promise<Challenge | undefined> {
  const parts = partsOf(token);
  if (!parts) return undefined;
  const { rows } = await db.query<{
    user_id: string;
    token_hash: Buffer;
    expires_at: Date;
  }>(
    `SELECT user_id, token_hash, expires_at FROM auth_challenge
      WHERE tenant_id = $1 AND id = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $4`,
    [parts.tenantId, parts.id, purpose, now],
  );
  const [row] = rows;
  if (!row || !timingSafeEqual(row.token_hash, hashOf(token))) return undefined;
  return { ...parts, userId: row.user_id, expiresAt: row.expires_at };
}

/** Uses a challenge up; of two who try, one succeeds. */
export async function useChallenge(
  db: Queryable,
  { tenantId, id }: Pick<Challenge, 'tenantId' | 'id'>,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    'UPDATE auth_challenge SET used_at = $3 WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL',
    [tenantId, id, now],
  );
  return rowCount === 1;
}

import { timingSafeEqual } from 'node:crypto';
import { uuidv7 } from '#kernel/ids';
import type { Queryable } from '../postgres/database.js';
import { newLocatedToken, readLocatedToken } from './located-token.js';

/** Minutes a sign-in may take between the password and the second factor. */
export const CHALLENGE_MINUTES = 10;

/**
 * What a challenge is for: to prove a factor or to add the first one before there is a session, or
 * to be signed by a passkey: before a sign-in, or in one sign-in or session alone.
 */
export type ChallengePurpose =
  'sign_in' | 'enrol' | 'passkey' | `passkey:${string}` | `new_passkey:${string}`;

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

/** The tenant a challenge says it belongs to; undefined for what cannot be one. */
export function tenantOfChallenge(token: string): string | undefined {
  return readLocatedToken(PREFIX, token)?.tenantId;
}

/** Makes a challenge. */
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
  const { token, id, hash } = newLocatedToken(PREFIX, tenantId, uuidv7(now.getTime()));
  const expiresAt = new Date(now.getTime() + CHALLENGE_MINUTES * 60_000);
  await db.query(
    `INSERT INTO auth_challenge (tenant_id, id, user_id, purpose, token_hash, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [tenantId, id, userId, purpose, hash, now, expiresAt],
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
  const place = readLocatedToken(PREFIX, token);
  if (!place) return undefined;
  const { tenantId, id, hash } = place;
  const { rows } = await db.query<{
    user_id: string;
    token_hash: Buffer;
    expires_at: Date;
  }>(
    `SELECT user_id, token_hash, expires_at FROM auth_challenge
      WHERE tenant_id = $1 AND id = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $4`,
    [tenantId, id, purpose, now],
  );
  const [row] = rows;
  if (!row || !timingSafeEqual(row.token_hash, hash)) return undefined;
  return { tenantId, id, userId: row.user_id, expiresAt: row.expires_at };
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

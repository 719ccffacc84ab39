import { timingSafeEqual } from 'node:crypto';
import { uuidv7 } from '#kernel/ids';
import type { Queryable } from '../postgres/database.js';
import { newLocatedToken, readLocatedToken, type LocatedToken } from './located-token.js';

/** What a link lets its holder do, once. */
export type TokenPurpose =
  'invitation' | 'password-reset' | 'email-change' | 'sign-up' | 'workspace-export';

/** Where a token belongs, a row of `auth_one_time_token`; proves nothing yet. */
export type TokenPlace = Omit<LocatedToken, 'token'>;

/** Whom a valid token is about. */
export interface TokenHolder {
  readonly tenantId: string;
  readonly id: string;
  /** The person or invitation it was made for. */
  readonly subjectId: string;
  /** Sealed by whoever had it made. */
  readonly detail: string | null;
  readonly expiresAt: Date;
}

export interface NewToken {
  readonly tenantId: string;
  readonly purpose: TokenPurpose;
  readonly subjectId: string;
  readonly expiresAt: Date;
  /** What the token stands for, sealed. */
  readonly detail?: string;
}

const PREFIX = 'cfo_';

/** Reads where a token belongs; undefined when it cannot be one. */
export function readOneTimeToken(token: string): TokenPlace | undefined {
  return readLocatedToken(PREFIX, token);
}

/**
 * Makes a token that is good once and until it expires; those made before for the same purpose and
 * person are void. Runs in a transaction of the tenant.
 */
export async function issueToken(db: Queryable, made: NewToken, now: Date): Promise<string> {
  const { tenantId, purpose, subjectId, expiresAt, detail } = made;
  const { token, id, hash } = newLocatedToken(PREFIX, tenantId, uuidv7(now.getTime()));
  await revokeTokens(db, made, now);
  await db.query(
    `INSERT INTO auth_one_time_token
       (tenant_id, id, purpose, subject_id, token_hash, detail, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [tenantId, id, purpose, subjectId, hash, detail ?? null, now, expiresAt],
  );
  return token;
}

/** Makes void what was made for this purpose and person and not used. */
export async function revokeTokens(
  db: Queryable,
  { tenantId, purpose, subjectId }: Pick<NewToken, 'tenantId' | 'purpose' | 'subjectId'>,
  now: Date,
): Promise<void> {
  await db.query(
    `UPDATE auth_one_time_token SET revoked_at = $4
      WHERE tenant_id = $1 AND purpose = $2 AND subject_id = $3
        AND used_at IS NULL AND revoked_at IS NULL`,
    [tenantId, purpose, subjectId, now],
  );
}

interface TokenRow {
  readonly subject_id: string;
  readonly token_hash: Buffer;
  readonly detail: string | null;
  readonly expires_at: Date;
  readonly [column: string]: unknown;
}

const VALID = 'used_at IS NULL AND revoked_at IS NULL AND expires_at > $4';

function holderOf(row: TokenRow | undefined, place: TokenPlace): TokenHolder | undefined {
  if (!row || !timingSafeEqual(row.token_hash, place.hash)) return undefined;
  const { tenantId, id } = place;
  const { subject_id: subjectId, detail, expires_at: expiresAt } = row;
  return { tenantId, id, subjectId, detail, expiresAt };
}

/** Whom a token is about while it is good; leaves it as it is. */
export async function findToken(
  db: Queryable,
  place: TokenPlace,
  purpose: TokenPurpose,
  now: Date,
): Promise<TokenHolder | undefined> {
  const { rows } = await db.query<TokenRow>(
    `SELECT subject_id, token_hash, detail, expires_at FROM auth_one_time_token
      WHERE tenant_id = $1 AND id = $2 AND purpose = $3 AND ${VALID}`,
    [place.tenantId, place.id, purpose, now],
  );
  return holderOf(rows[0], place);
}

/** Uses a token up: of several who try at once only one gets an answer. */
export async function useToken(
  db: Queryable,
  place: TokenPlace,
  purpose: TokenPurpose,
  now: Date,
): Promise<TokenHolder | undefined> {
  const { rows } = await db.query<TokenRow>(
    `UPDATE auth_one_time_token SET used_at = $4
      WHERE tenant_id = $1 AND id = $2 AND purpose = $3 AND token_hash = $5 AND ${VALID}
      RETURNING subject_id, token_hash, detail, expires_at`,
    [place.tenantId, place.id, purpose, now, place.hash],
  );
  return holderOf(rows[0], place);
}

/** Makes a token good again that was used for nothing. */
export async function giveBackToken(
  db: Queryable,
  { tenantId, id }: Pick<TokenPlace, 'tenantId' | 'id'>,
): Promise<void> {
  await db.query('UPDATE auth_one_time_token SET used_at = NULL WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    id,
  ]);
}

/** How many tokens were made for a person since an instant. */
export async function tokensSince(
  db: Queryable,
  { tenantId, purpose, subjectId }: Pick<NewToken, 'tenantId' | 'purpose' | 'subjectId'>,
  since: Date,
): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM auth_one_time_token
      WHERE tenant_id = $1 AND purpose = $2 AND subject_id = $3 AND created_at > $4`,
    [tenantId, purpose, subjectId, since],
  );
  return rows[0]!.n;
}

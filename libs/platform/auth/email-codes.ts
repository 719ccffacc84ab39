import { uuidv7 } from '#kernel/ids';
import type { Queryable } from '../postgres/database.js';
import { CHALLENGE_MINUTES } from './factors-challenge.js';

/** Whose code it is, and the sign-in it was sent for. */
export interface CodePlace {
  readonly tenantId: string;
  readonly userId: string;
  readonly place: string;
}

const purposeOf = ({ place }: CodePlace) => `email_code:${place}`;

/** Keeps the hash of a code; one kept for the same sign-in before is void. */
export async function keepCode(
  db: Queryable,
  at: CodePlace,
  hash: Buffer,
  now: Date,
): Promise<void> {
  const { tenantId, userId } = at;
  await db.query(
    `UPDATE auth_challenge SET used_at = $4
      WHERE tenant_id = $1 AND user_id = $2 AND purpose = $3 AND used_at IS NULL`,
    [tenantId, userId, purposeOf(at), now],
  );
  await db.query(
    `INSERT INTO auth_challenge (tenant_id, id, user_id, purpose, token_hash, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tenantId,
      uuidv7(now.getTime()),
      userId,
      purposeOf(at),
      hash,
      now,
      new Date(now.getTime() + CHALLENGE_MINUTES * 60_000),
    ],
  );
}

/** Uses a code up; false for one that is unknown, void, used before or too old. */
export async function useCode(
  db: Queryable,
  at: CodePlace,
  hash: Buffer,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE auth_challenge SET used_at = $5
      WHERE tenant_id = $1 AND user_id = $2 AND purpose = $3 AND token_hash = $4
        AND used_at IS NULL AND expires_at > $5`,
    [at.tenantId, at.userId, purposeOf(at), hash, now],
  );
  return rowCount === 1;
}

/** How many codes a person was sent since an instant; asked one after the other for one person. */
export async function codesSince(
  db: Queryable,
  { tenantId, userId }: Omit<CodePlace, 'place'>,
  since: Date,
): Promise<number> {
  await db.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `auth-email-code:${tenantId}:${userId}`,
  ]);
  const { rows } = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM auth_challenge
      WHERE tenant_id = $1 AND user_id = $2 AND purpose LIKE 'email\\_code:%' AND created_at > $3`,
    [tenantId, userId, since],
  );
  return rows[0]!.n;
}

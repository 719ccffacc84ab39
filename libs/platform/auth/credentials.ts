import type { Queryable } from '../postgres/database.js';
import { cleanUpFactors } from './factors.js';

/** The stored hash of a person's password; null for those who have none. */
export async function passwordHashOf(
  db: Queryable,
  tenantId: string,
  userId: string,
): Promise<string | null> {
  const { rows } = await db.query<{ password_hash: string }>(
    'SELECT password_hash FROM auth_credential WHERE tenant_id = $1 AND user_id = $2',
    [tenantId, userId],
  );
  return rows[0]?.password_hash ?? null;
}

/** Stores a new password's hash. */
export async function setPasswordHash(
  db: Queryable,
  tenantId: string,
  userId: string,
  hash: string,
  now: Date,
): Promise<void> {
  await db.query(
    `INSERT INTO auth_credential (tenant_id, user_id, password_hash, changed_at)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, user_id) DO UPDATE SET password_hash = $3, changed_at = $4`,
    [tenantId, userId, hash, now],
  );
}

/**
 * Replaces a hash by a stronger one of the same password; nothing happens when the password was
 * changed in the meantime.
 */
export async function strengthenHash(
  db: Queryable,
  tenantId: string,
  userId: string,
  before: string,
  hash: string,
): Promise<void> {
  await db.query(
    `UPDATE auth_credential SET password_hash = $4
      WHERE tenant_id = $1 AND user_id = $2 AND password_hash = $3`,
    [tenantId, userId, before, hash],
  );
}

/** Removes a person's password: they sign in elsewhere, or not at all. */
export async function removePassword(
  db: Queryable,
  tenantId: string,
  userId: string,
): Promise<void> {
  await db.query('DELETE FROM auth_credential WHERE tenant_id = $1 AND user_id = $2', [
    tenantId,
    userId,
  ]);
}

const DAY = 86_400_000;

/** Deletes what no check needs any more, a day past its end: tokens, attempts, challenges. */
export async function cleanUpAuth(db: Queryable, tenantId: string, now: Date): Promise<void> {
  const past = new Date(now.getTime() - DAY);
  await db.query('DELETE FROM auth_session WHERE tenant_id = $1 AND expires_at < $2', [
    tenantId,
    past,
  ]);
  await db.query('DELETE FROM auth_one_time_token WHERE tenant_id = $1 AND expires_at < $2', [
    tenantId,
    past,
  ]);
  await db.query('DELETE FROM auth_failure WHERE tenant_id = $1 AND last_attempt_at < $2', [
    tenantId,
    past,
  ]);
  await cleanUpFactors(db, tenantId, past);
}

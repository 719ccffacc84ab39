import { randomInt } from 'node:crypto';
import type { KeyRing } from '../event-store/key-ring.js';
import type { Queryable } from '../postgres/database.js';

/** Codes a person gets at once. */
export const RECOVERY_CODES = 10;

// Without 0, 1, i, l, o and u: they are copied by hand.
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 10;

/** New codes as the person writes them down: `k7w4x-9qmtb`, each of 49 random bits. */
export function newRecoveryCodes(): readonly string[] {
  const letter = () => ALPHABET[randomInt(ALPHABET.length)]!;
  const code = () => Array.from({ length: LENGTH }, letter).join('');
  return Array.from({ length: RECOVERY_CODES }, () => code().replace(/^(.{5})/, '$1-'));
}

/** Whether something typed can be a recovery code, whatever its case and dashes. */
export function recoveryCodeOf(typed: string): string | undefined {
  const plain = typed.toLowerCase().replaceAll(/[\s-]/g, '');
  const all = [...plain].every((letter) => ALPHABET.includes(letter));
  return plain.length === LENGTH && all ? plain : undefined;
}

interface Whose {
  readonly tenantId: string;
  readonly userId: string;
}

/**
 * What is stored of a code as `recoveryCodeOf` gives it. 49 bits can be tried one after the other
 * by whoever has the table: an HMAC under a key of the tenant, which lies elsewhere, is of no use to
 * them.
 */
export function recoveryHash(
  keys: KeyRing,
  { tenantId, userId }: Whose,
  plain: string,
): Promise<string> {
  return keys.digest(tenantId, 'request', `recovery-code:${userId}:${plain}`);
}

/** Replaces all codes of a person by those with these hashes. */
export async function replaceRecoveryCodes(
  db: Queryable,
  { tenantId, userId }: Whose,
  hashes: readonly string[],
): Promise<void> {
  await db.query('DELETE FROM auth_recovery_code WHERE tenant_id = $1 AND user_id = $2', [
    tenantId,
    userId,
  ]);
  await db.query(
    `INSERT INTO auth_recovery_code (tenant_id, user_id, code_hash)
     SELECT $1, $2, hash FROM unnest($3::text[]) AS hash`,
    [tenantId, userId, hashes],
  );
}

/** Uses a code up; false for one that is unknown or was used before. */
export async function useRecoveryCode(
  db: Queryable,
  { tenantId, userId }: Whose,
  hash: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE auth_recovery_code SET used_at = $4
      WHERE tenant_id = $1 AND user_id = $2 AND code_hash = $3 AND used_at IS NULL`,
    [tenantId, userId, hash, now],
  );
  return rowCount === 1;
}

/** How many codes a person has left. */
export async function recoveryCodesLeft(
  db: Queryable,
  { tenantId, userId }: Whose,
): Promise<number> {
  const { rows } = await db.query<{ left: number }>(
    `SELECT count(*)::int AS left FROM auth_recovery_code
      WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL`,
    [tenantId, userId],
  );
  return rows[0]!.left;
}

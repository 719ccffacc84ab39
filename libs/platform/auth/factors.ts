import type { KeyRing } from '../event-store/key-ring.js';
import { open, seal } from '../event-store/key-ring.js';
import type { Queryable } from '../postgres/database.js';

export type FactorKind = 'totp' | 'passkey';

/** Whose factor, and which. */
export interface FactorRef {
  readonly tenantId: string;
  readonly userId: string;
  readonly id: string;
}

/** A second factor as it is stored; `sealed` is what it consists of. */
export interface Factor extends FactorRef {
  readonly kind: FactorKind;
  readonly name: string;
  readonly sealed: string;
  readonly counter: number;
  readonly createdAt: Date;
  readonly confirmedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

interface FactorRow {
  readonly id: string;
  readonly user_id: string;
  readonly kind: FactorKind;
  readonly name: string;
  readonly sealed: string;
  readonly counter: string;
  readonly created_at: Date;
  readonly confirmed_at: Date | null;
  readonly last_used_at: Date | null;
}

/** Closes what factors consist of under the key of their person, and opens it again. */
export class FactorSecrets {
  constructor(private readonly keys: KeyRing) {}

  /** @throws Error for somebody who has no stored key, such as a person who was erased. */
  async seal(ref: FactorRef, text: string): Promise<string> {
    const { version, key, fresh } = await this.keys.current(ref.tenantId, ref.userId);
    if (fresh) throw new Error('there is no key to seal a factor with');
    return `${version}.${seal(key, text, aad(ref, version))}`;
  }

  /** Undefined once the key of the person was destroyed. */
  async open(ref: FactorRef, sealed: string): Promise<string | undefined> {
    const dot = sealed.indexOf('.');
    const version = Number(sealed.slice(0, dot));
    const keys = await this.keys.keysOf(ref.tenantId, new Map([[ref.userId, version]]));
    const found = keys.get(ref.userId)?.[version];
    if (!found) return undefined;
    return open(found.key, sealed.slice(dot + 1), aad(ref, version)).toString();
  }
}

const aad = ({ tenantId, userId, id }: FactorRef, version: number) =>
  `${tenantId}:auth_factor:sealed:${userId}:${id}:${version}`;

function factorOf(tenantId: string, row: FactorRow): Factor {
  return {
    tenantId,
    id: row.id,
    userId: row.user_id,
    kind: row.kind,
    name: row.name,
    sealed: row.sealed,
    counter: Number(row.counter),
    createdAt: row.created_at,
    confirmedAt: row.confirmed_at,
    lastUsedAt: row.last_used_at,
  };
}

/** Factors of a person, the oldest first; those not confirmed yet only when asked for. */
export async function factorsOf(
  db: Queryable,
  tenantId: string,
  userId: string,
  { pending = false } = {},
): Promise<readonly Factor[]> {
  const { rows } = await db.query<FactorRow & Record<string, unknown>>(
    `SELECT * FROM auth_factor WHERE tenant_id = $1 AND user_id = $2
        AND (confirmed_at IS NULL) = $3 ORDER BY created_at, id`,
    [tenantId, userId, pending],
  );
  return rows.map((row) => factorOf(tenantId, row));
}

/** The passkey with this hash of its id. */
export async function findPasskey(
  db: Queryable,
  tenantId: string,
  credential: Buffer,
): Promise<Factor | undefined> {
  const { rows } = await db.query<FactorRow & Record<string, unknown>>(
    'SELECT * FROM auth_factor WHERE tenant_id = $1 AND credential = $2',
    [tenantId, credential],
  );
  return rows[0] && factorOf(tenantId, rows[0]);
}

/** Calls a factor something else; false when there is no such factor. */
export async function renameFactor(
  db: Queryable,
  { tenantId, userId, id }: FactorRef,
  name: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE auth_factor SET name = $4
      WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND confirmed_at IS NOT NULL`,
    [tenantId, userId, id, name],
  );
  return rowCount === 1;
}

/** All changes to one person's factors happen one after the other, until the transaction ends. */
export async function lockFactors(
  db: Queryable,
  { tenantId, userId }: Pick<FactorRef, 'tenantId' | 'userId'>,
): Promise<void> {
  await db.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `auth-factor:${tenantId}:${userId}`,
  ]);
}

/** Most factors one person may have. */
export const MAX_FACTORS = 10;

export interface NewFactor extends FactorRef {
  readonly kind: FactorKind;
  readonly name: string;
  readonly sealed: string;
  readonly credential?: Buffer;
  readonly counter?: number;
}

/** Adds a factor; it counts once it is confirmed, and replaces others that never were. */
export async function addFactor(
  db: Queryable,
  factor: NewFactor,
  now: Date,
  confirmed = false,
): Promise<void> {
  const { tenantId, id, userId, kind, name, sealed, credential, counter } = factor;
  await db.query(
    `DELETE FROM auth_factor
      WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 AND confirmed_at IS NULL`,
    [tenantId, userId, kind],
  );
  await db.query(
    `INSERT INTO auth_factor (tenant_id, id, user_id, kind, name, sealed, credential, counter,
       created_at, confirmed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      tenantId,
      id,
      userId,
      kind,
      name,
      sealed,
      credential ?? null,
      counter ?? 0,
      now,
      confirmed ? now : null,
    ],
  );
}

/** Confirms a pending factor with its first use; false when that was done already. */
export async function confirmFactor(
  db: Queryable,
  { tenantId, userId, id }: FactorRef,
  counter: number,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE auth_factor SET confirmed_at = $5, last_used_at = $5, counter = $4
      WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND confirmed_at IS NULL`,
    [tenantId, userId, id, counter, now],
  );
  return rowCount === 1;
}

/**
 * Uses a factor: its counter moves on, and of two uses with the same counter one succeeds. A
 * passkey that does not count stays at 0.
 */
export async function useFactor(
  db: Queryable,
  { tenantId, userId, id }: FactorRef,
  counter: number,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE auth_factor SET counter = $4, last_used_at = $5
      WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND confirmed_at IS NOT NULL
        AND (counter < $4 OR (kind = 'passkey' AND counter = 0 AND $4 = 0))`,
    [tenantId, userId, id, counter, now],
  );
  return rowCount === 1;
}

/** Removes one factor; with the last one the recovery codes go as well. */
export async function removeFactor(
  db: Queryable,
  { tenantId, userId, id }: FactorRef,
): Promise<boolean> {
  const { rowCount } = await db.query(
    'DELETE FROM auth_factor WHERE tenant_id = $1 AND user_id = $2 AND id = $3',
    [tenantId, userId, id],
  );
  await db.query(
    `DELETE FROM auth_recovery_code WHERE tenant_id = $1 AND user_id = $2
        AND NOT EXISTS (SELECT FROM auth_factor
          WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NOT NULL)`,
    [tenantId, userId],
  );
  return rowCount === 1;
}

/** Removes the factors a person had at that time, and all recovery codes with them. */
export async function removeFactorsOf(
  db: Queryable,
  tenantId: string,
  userId: string,
  until: Date,
): Promise<void> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM auth_factor WHERE tenant_id = $1 AND user_id = $2 AND created_at <= $3`,
    [tenantId, userId, until],
  );
  for (const { id } of rows) await removeFactor(db, { tenantId, userId, id });
}

/** Notes that a session proved who it is just now. */
export async function noteProof(
  db: Queryable,
  { tenantId, userId, sessionId }: Record<'tenantId' | 'userId' | 'sessionId', string>,
  now: Date,
): Promise<void> {
  await db.query(
    `INSERT INTO auth_proof (tenant_id, session_id, user_id, proven_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, session_id) DO UPDATE SET proven_at = excluded.proven_at`,
    [tenantId, sessionId, userId, now],
  );
}

/** When a session last proved who it is: its sign-in, or a proof since; null for no session. */
export async function lastProof(
  db: Queryable,
  tenantId: string,
  sessionId: string,
): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    `SELECT greatest(
        (SELECT max(signed_in_at) FROM auth_session WHERE tenant_id = $1 AND family_id = $2),
        (SELECT proven_at FROM auth_proof WHERE tenant_id = $1 AND session_id = $2)) AS at`,
    [tenantId, sessionId],
  );
  return rows[0]?.at ?? null;
}

/** Deletes what was never confirmed, challenges nobody answered, and proofs of ended sessions. */
export async function cleanUpFactors(db: Queryable, tenantId: string, past: Date): Promise<void> {
  await db.query(
    `DELETE FROM auth_factor WHERE tenant_id = $1 AND confirmed_at IS NULL AND created_at < $2`,
    [tenantId, past],
  );
  await db.query('DELETE FROM auth_challenge WHERE tenant_id = $1 AND expires_at < $2', [
    tenantId,
    past,
  ]);
  await db.query(
    `DELETE FROM auth_proof p WHERE tenant_id = $1 AND proven_at < $2 AND NOT EXISTS (
        SELECT FROM auth_session s WHERE s.tenant_id = $1 AND s.family_id = p.session_id)`,
    [tenantId, past],
  );
}

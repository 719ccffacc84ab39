import { timingSafeEqual } from 'node:crypto';
import type { Queryable } from '../postgres/database.js';
import type { ApiKeyText } from './api-keys-text.js';

/** Days a key is good for when nothing is said, and at most. */
export const API_KEY_DAYS = 90;
export const API_KEY_MAX_DAYS = 366;
/** Keys one person may have at once. */
export const MAX_API_KEYS = 50;

/** A key as lists show it. */
export interface ApiKey {
  readonly tenantId: string;
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Addresses it may be used from; anywhere when empty. */
  readonly allowedNetworks: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly rotatedAt: Date | null;
  /** Until when the key before a rotation is good. */
  readonly formerUntil: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedIp: string | null;
}

interface KeyRow {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly scopes: string[];
  readonly allowed_networks: string[];
  readonly key_hash: Buffer;
  readonly former_hash: Buffer | null;
  readonly former_until: Date | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly rotated_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
  readonly last_used_ip: string | null;
}

function keyOf(tenantId: string, row: KeyRow): ApiKey {
  return {
    tenantId,
    id: row.id,
    userId: row.user_id,
    name: row.name,
    scopes: row.scopes,
    allowedNetworks: row.allowed_networks,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    rotatedAt: row.rotated_at,
    formerUntil: row.former_until,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    lastUsedIp: row.last_used_ip,
  };
}

export type NewApiKey = Pick<
  ApiKey,
  'tenantId' | 'id' | 'userId' | 'name' | 'scopes' | 'allowedNetworks' | 'expiresAt'
>;

/** Stores a new key; false when its holder has too many already. */
export async function addApiKey(
  db: Queryable,
  key: NewApiKey,
  hash: Buffer,
  now: Date,
): Promise<boolean> {
  await db.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `auth-api-key:${key.tenantId}:${key.userId}`,
  ]);
  const { rowCount } = await db.query(
    `INSERT INTO auth_api_key (tenant_id, id, user_id, name, scopes, allowed_networks, key_hash,
       created_at, expires_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
      WHERE (SELECT count(*) FROM auth_api_key WHERE tenant_id = $1 AND user_id = $3
               AND revoked_at IS NULL AND expires_at > $8) < ${MAX_API_KEYS}`,
    [
      key.tenantId,
      key.id,
      key.userId,
      key.name,
      key.scopes,
      key.allowedNetworks,
      hash,
      now,
      key.expiresAt,
    ],
  );
  return rowCount === 1;
}

/** Keys of a person, or of everybody, the newest first; those that are gone stay listed. */
export async function listApiKeys(
  db: Queryable,
  tenantId: string,
  userId?: string,
): Promise<readonly ApiKey[]> {
  const { rows } = await db.query<KeyRow & Record<string, unknown>>(
    `SELECT * FROM auth_api_key WHERE tenant_id = $1 AND ($2::uuid IS NULL OR user_id = $2)
      ORDER BY created_at DESC, id DESC LIMIT 1000`,
    [tenantId, userId ?? null],
  );
  return rows.map((row) => keyOf(tenantId, row));
}

export async function apiKey(
  db: Queryable,
  tenantId: string,
  id: string,
): Promise<ApiKey | undefined> {
  const { rows } = await db.query<KeyRow & Record<string, unknown>>(
    'SELECT * FROM auth_api_key WHERE tenant_id = $1 AND id = $2',
    [tenantId, id],
  );
  return rows[0] && keyOf(tenantId, rows[0]);
}

/**
 * The stored key a text belongs to, while it is good: not revoked, not expired, and the key itself
 * or, within the overlap, the one before it.
 */
export async function usableApiKey(
  db: Queryable,
  { tenantId, id, hash }: ApiKeyText,
  now: Date,
): Promise<ApiKey | undefined> {
  const { rows } = await db.query<KeyRow & Record<string, unknown>>(
    `SELECT * FROM auth_api_key
      WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3`,
    [tenantId, id, now],
  );
  const [row] = rows;
  if (!row) return undefined;
  const former = row.former_hash && row.former_until && row.former_until > now;
  const good =
    timingSafeEqual(row.key_hash, hash) || (former && timingSafeEqual(row.former_hash!, hash));
  return good ? keyOf(tenantId, row) : undefined;
}

/** Replaces a key by another; the one before stays good until then. False for one that is gone. */
export async function rotateApiKey(
  db: Queryable,
  { tenantId, id, hash }: ApiKeyText,
  formerUntil: Date,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE auth_api_key SET former_hash = key_hash, former_until = $4, key_hash = $3, rotated_at = $5
      WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $5`,
    [tenantId, id, hash, formerUntil, now],
  );
  return rowCount === 1;
}

/** Ends a key for good; false when it had been revoked already. */
export async function revokeApiKey(
  db: Queryable,
  tenantId: string,
  id: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE auth_api_key SET revoked_at = $3, former_hash = NULL, former_until = NULL
      WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL`,
    [tenantId, id, now],
  );
  return rowCount === 1;
}

/** Notes that a key was used, at most once a minute, so that reading does not become writing. */
export async function noteApiKeyUse(
  db: Queryable,
  { tenantId, id }: Pick<ApiKey, 'tenantId' | 'id'>,
  ip: string | undefined,
  now: Date,
): Promise<void> {
  await db.query(
    `UPDATE auth_api_key SET last_used_at = $3::timestamptz, last_used_ip = $4
      WHERE tenant_id = $1 AND id = $2
        AND (last_used_at IS NULL OR last_used_at < $3::timestamptz - interval '1 minute')`,
    [tenantId, id, now, ip ?? null],
  );
}

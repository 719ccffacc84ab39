import { timingSafeEqual } from 'node:crypto';
import { uuidv7 } from '#kernel/ids';
import type { Queryable } from '../postgres/database.js';
import type { ApiKeyText } from './api-keys-text.js';

/** Days a token is good for when nothing is said, and at most. */
export const SCIM_TOKEN_DAYS = 366;
/** Requests kept per connection. */
export const SCIM_REQUESTS_KEPT = 100;

/** The token of a connection, without the token. */
export interface ScimToken {
  readonly madeAt: Date;
  readonly expiresAt: Date;
  /** Until when the token before a rotation is good. */
  readonly formerUntil: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedIp: string | null;
}

/** One request of a directory and what became of it. */
export interface ScimRequest {
  readonly at: Date;
  readonly method: string;
  /** Path below `/scim/v2`, without its query. */
  readonly path: string;
  readonly status: number;
  readonly problem: string | null;
}

interface TokenRow extends Record<string, unknown> {
  readonly token_hash: Buffer;
  readonly former_hash: Buffer | null;
  readonly former_until: Date | null;
  readonly made_at: Date;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
  readonly last_used_ip: string | null;
}

async function rowOf(db: Queryable, tenantId: string, connectionId: string) {
  const { rows } = await db.query<TokenRow>(
    'SELECT * FROM auth_scim_token WHERE tenant_id = $1 AND connection_id = $2',
    [tenantId, connectionId],
  );
  return rows[0];
}

/** The token of a connection; undefined when it never had one. */
export async function scimToken(
  db: Queryable,
  tenantId: string,
  connectionId: string,
): Promise<ScimToken | undefined> {
  const row = await rowOf(db, tenantId, connectionId);
  return (
    row && {
      madeAt: row.made_at,
      expiresAt: row.expires_at,
      formerUntil: row.former_until,
      revokedAt: row.revoked_at,
      lastUsedAt: row.last_used_at,
      lastUsedIp: row.last_used_ip,
    }
  );
}

/** Gives a connection a new token; the one before, while it is good, stays so until then. */
export async function setScimToken(
  db: Queryable,
  { tenantId, id, hash }: Pick<ApiKeyText, 'tenantId' | 'id' | 'hash'>,
  expiresAt: Date,
  formerUntil: Date,
  now: Date,
): Promise<ScimToken> {
  await db.query(
    `INSERT INTO auth_scim_token AS t (tenant_id, connection_id, token_hash, made_at, expires_at)
     VALUES ($1, $2, $3, $6, $4)
     ON CONFLICT (tenant_id, connection_id) DO UPDATE SET
       former_hash = CASE WHEN t.revoked_at IS NULL AND t.expires_at > $6 THEN t.token_hash END,
       former_until = CASE WHEN t.revoked_at IS NULL AND t.expires_at > $6
                           THEN least($5::timestamptz, t.expires_at) END,
       token_hash = $3, made_at = $6, expires_at = $4, revoked_at = NULL`,
    [tenantId, id, hash, expiresAt, formerUntil, now],
  );
  return (await scimToken(db, tenantId, id))!;
}

/** Ends the token of a connection for good; false when there is none that could end. */
export async function revokeScimToken(
  db: Queryable,
  tenantId: string,
  connectionId: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE auth_scim_token SET revoked_at = $3, former_hash = NULL, former_until = NULL
      WHERE tenant_id = $1 AND connection_id = $2 AND revoked_at IS NULL`,
    [tenantId, connectionId, now],
  );
  return rowCount === 1;
}

/** Whether a token is good now; its use is noted, at most once a minute. */
export async function useScimToken(
  db: Queryable,
  { tenantId, id, hash }: ApiKeyText,
  ip: string,
  now: Date,
): Promise<boolean> {
  const row = await rowOf(db, tenantId, id);
  if (!row || row.revoked_at) return false;
  const isPresent = row.expires_at > now && timingSafeEqual(row.token_hash, hash);
  const isFormer =
    row.former_hash !== null && row.former_until! > now && timingSafeEqual(row.former_hash, hash);
  if (!isPresent && !isFormer) return false;
  if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() > 60_000) {
    await db.query(
      `UPDATE auth_scim_token SET last_used_at = $3, last_used_ip = $4
        WHERE tenant_id = $1 AND connection_id = $2`,
      [tenantId, id, now, ip],
    );
  }
  return true;
}

/** Keeps a request; the oldest of the connection go. */
export async function keepScimRequest(
  db: Queryable,
  tenantId: string,
  connectionId: string,
  { at, method, path, status, problem }: ScimRequest,
): Promise<void> {
  await db.query(
    `INSERT INTO auth_scim_request (tenant_id, id, connection_id, at, method, path, status, problem)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [tenantId, uuidv7(at.getTime()), connectionId, at, method, path, status, problem],
  );
  await db.query(
    `DELETE FROM auth_scim_request WHERE tenant_id = $1 AND connection_id = $2 AND id <
       (SELECT id FROM auth_scim_request WHERE tenant_id = $1 AND connection_id = $2
         ORDER BY id DESC OFFSET ${SCIM_REQUESTS_KEPT - 1} LIMIT 1)`,
    [tenantId, connectionId],
  );
}

/** The latest requests of a connection, the newest first. */
export async function scimRequests(
  db: Queryable,
  tenantId: string,
  connectionId: string,
): Promise<readonly ScimRequest[]> {
  const { rows } = await db.query<ScimRequest & Record<string, unknown>>(
    `SELECT at, method, path, status, problem FROM auth_scim_request
      WHERE tenant_id = $1 AND connection_id = $2 ORDER BY id DESC LIMIT ${SCIM_REQUESTS_KEPT}`,
    [tenantId, connectionId],
  );
  return rows;
}

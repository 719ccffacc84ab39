import { createHash } from 'node:crypto';
import type { Queryable } from '../postgres/database.js';

/** What a request is for: to sign in, to tie an identity to who is signed in, or to try it out. */
export type SsoPurpose = 'sign-in' | 'link' | 'test';

/** Minutes somebody has to sign in at the identity provider. */
export const SSO_REQUEST_MINUTES = 10;

export interface SsoRequest {
  readonly id: string;
  readonly providerId: string;
  readonly purpose: SsoPurpose;
  /** Who asked, where somebody is signed in. */
  readonly userId: string | null;
  /** Path of ours to go to afterwards. */
  readonly target: string;
}

interface RequestRow {
  readonly id: string;
  readonly provider_id: string;
  readonly purpose: SsoPurpose;
  readonly user_id: string | null;
  readonly target: string;
  readonly created_at: Date;
  readonly browser_hash: Buffer;
  readonly outcome: string | null;
}

const hashOf = (text: string) => createHash('sha256').update(text).digest();

/** Keeps a request until it is answered, bound to the browser that made it. */
export async function openSsoRequest(
  db: Queryable,
  tenantId: string,
  request: SsoRequest,
  browser: string,
  now: Date,
): Promise<void> {
  await db.query('DELETE FROM auth_sso_request WHERE tenant_id = $1 AND expires_at <= $2', [
    tenantId,
    now,
  ]);
  await db.query(
    `INSERT INTO auth_sso_request (tenant_id, id, provider_id, browser_hash, purpose, user_id, target,
       created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tenantId,
      request.id,
      request.providerId,
      hashOf(browser),
      request.purpose,
      request.userId,
      request.target,
      now,
      new Date(now.getTime() + SSO_REQUEST_MINUTES * 60_000),
    ],
  );
}

/** When a request to this provider was sent, as long as it waits for its answer. */
export async function ssoRequestSentAt(
  db: Queryable,
  tenantId: string,
  providerId: string,
  id: string,
  now: Date,
): Promise<Date | undefined> {
  const { rows } = await db.query<{ created_at: Date }>(
    `SELECT created_at FROM auth_sso_request WHERE tenant_id = $1 AND id = $2 AND provider_id = $3
        AND answered_at IS NULL AND expires_at > $4`,
    [tenantId, id, providerId, now],
  );
  return rows[0]?.created_at;
}

/** Uses a request up and keeps what it brought, sealed; false when it was used already. */
export async function answerSsoRequest(
  db: Queryable,
  tenantId: string,
  providerId: string,
  id: string,
  outcome: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE auth_sso_request SET answered_at = $4, outcome = $5
      WHERE tenant_id = $1 AND id = $2 AND provider_id = $3
        AND answered_at IS NULL AND expires_at > $4`,
    [tenantId, id, providerId, now, outcome],
  );
  return rowCount === 1;
}

export type Collected =
  | { readonly status: 'unknown' }
  | { readonly status: 'other_browser' }
  | { readonly status: 'collected'; readonly request: SsoRequest; readonly outcome: string | null };

/**
 * Takes a request away for good, once: only the browser that made it gets what it brought. With
 * `answered` it must have been answered, without it must not.
 */
export async function collectSsoRequest(
  db: Queryable,
  tenantId: string,
  providerId: string,
  id: string,
  browser: string | undefined,
  answered: boolean,
  now: Date,
): Promise<Collected> {
  const { rows } = await db.query<RequestRow>(
    `SELECT * FROM auth_sso_request WHERE tenant_id = $1 AND id = $2 AND provider_id = $3
        AND (answered_at IS NOT NULL) = $4 AND expires_at > $5 FOR UPDATE`,
    [tenantId, id, providerId, answered, now],
  );
  const row = rows[0];
  if (!row) return { status: 'unknown' };
  if (browser === undefined || !hashOf(browser).equals(row.browser_hash)) {
    return { status: 'other_browser' };
  }
  await db.query('DELETE FROM auth_sso_request WHERE tenant_id = $1 AND id = $2', [tenantId, id]);
  const { provider_id, purpose, user_id, target, outcome } = row;
  const request = { id, providerId: provider_id, purpose, userId: user_id, target };
  return { status: 'collected', request, outcome };
}

/** Remembers an assertion until it ends by itself; false when it was used before. */
export async function useAssertion(
  db: Queryable,
  tenantId: string,
  providerId: string,
  assertionId: string,
  expiresAt: Date,
  now: Date,
): Promise<boolean> {
  await db.query('DELETE FROM auth_sso_assertion WHERE tenant_id = $1 AND expires_at <= $2', [
    tenantId,
    now,
  ]);
  const { rowCount } = await db.query(
    `INSERT INTO auth_sso_assertion (tenant_id, provider_id, id_hash, expires_at)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [tenantId, providerId, hashOf(assertionId), expiresAt],
  );
  return rowCount === 1;
}

/** The sealed client secret of a provider; undefined where none was given. */
export async function ssoSecretOf(
  db: Queryable,
  tenantId: string,
  providerId: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ sealed: string }>(
    'SELECT sealed FROM auth_sso_secret WHERE tenant_id = $1 AND provider_id = $2',
    [tenantId, providerId],
  );
  return rows[0]?.sealed;
}

export async function setSsoSecret(
  db: Queryable,
  tenantId: string,
  providerId: string,
  sealed: string,
  now: Date,
): Promise<void> {
  await db.query(
    `INSERT INTO auth_sso_secret (tenant_id, provider_id, sealed, changed_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, provider_id) DO UPDATE SET sealed = $3, changed_at = $4`,
    [tenantId, providerId, sealed, now],
  );
}

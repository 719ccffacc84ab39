import { timingSafeEqual } from 'node:crypto';
import { uuidv7 } from '#kernel/ids';
import type { Queryable } from '../postgres/database.js';
import { newRefreshToken, readRefreshToken } from './tokens.js';

/** Days a refresh token waits for its use unless told otherwise. */
export const REFRESH_DAYS = 7;
/** Days after which a session ends however busy it is. */
export const SESSION_DAYS = 30;
/** Seconds within which a client whose answer got lost may send the same token again. */
export const GRACE_SECONDS = 10;

/** Where a request comes from. */
export interface Client {
  readonly ip?: string | null;
  readonly userAgent?: string | null;
}

/** A session and the token that renews it. */
export interface StartedSession {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly refreshToken: string;
  readonly expiresAt: Date;
  /** Whether an identity provider said who it is. */
  readonly byProvider: boolean;
}

export type RefreshResult =
  | ({ readonly status: 'refreshed' } & StartedSession)
  /** Not a token of this workspace, or one that has run out or was revoked. */
  | { readonly status: 'refused' }
  /** The token was used before: somebody else has it too, and the session has been ended. */
  | {
      readonly status: 'reused';
      readonly tenantId: string;
      readonly userId: string;
      readonly sessionId: string;
    };

/** A session as its owner sees it in a list. */
export interface SessionInfo {
  readonly sessionId: string;
  readonly signedInAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

interface TokenRow {
  readonly id: string;
  readonly user_id: string;
  readonly family_id: string;
  readonly refresh_hash: Buffer;
  readonly signed_in_at: Date;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly rotated_at: Date | null;
  readonly retried_at: Date | null;
  readonly revoked_at: Date | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly by_provider: boolean;
}

const DAY = 86_400_000;

function expiry(signedIn: Date, now: Date, days: number): Date {
  const longest = Math.max(days, SESSION_DAYS);
  return new Date(Math.min(now.getTime() + days * DAY, signedIn.getTime() + longest * DAY));
}

/**
 * All changes to one person's sessions happen one after the other, until the transaction ends. A
 * row lock would not do: revoking a family could miss the row a rotation is about to add.
 */
async function lockPerson(db: Queryable, tenantId: string, userId: string): Promise<void> {
  await db.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `auth-session:${tenantId}:${userId}`,
  ]);
}

interface NewRow extends Omit<StartedSession, 'refreshToken' | 'expiresAt'> {
  readonly parentId: string | null;
  readonly signedInAt: Date;
  readonly client: Client;
}

async function insertToken(
  db: Queryable,
  row: NewRow,
  now: Date,
  days: number,
): Promise<StartedSession> {
  const { tenantId, userId, sessionId, client, byProvider } = row;
  const { token, id, hash } = newRefreshToken(tenantId, uuidv7(now.getTime()));
  const expiresAt = expiry(row.signedInAt, now, days);
  await db.query(
    `INSERT INTO auth_session (tenant_id, id, user_id, family_id, parent_id, refresh_hash,
       signed_in_at, created_at, expires_at, ip, user_agent, by_provider)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tenantId,
      id,
      userId,
      sessionId,
      row.parentId,
      hash,
      row.signedInAt,
      now,
      expiresAt,
      client.ip ?? null,
      client.userAgent ?? null,
      byProvider,
    ],
  );
  return { tenantId, userId, sessionId, refreshToken: token, expiresAt, byProvider };
}

/** Opens a session after a successful sign-in; its id is new each time. */
export async function startSession(
  db: Queryable,
  who: {
    readonly tenantId: string;
    readonly userId: string;
    readonly client: Client;
    readonly byProvider?: boolean;
  },
  now: Date,
  days = REFRESH_DAYS,
): Promise<StartedSession> {
  await lockPerson(db, who.tenantId, who.userId);
  const sessionId = uuidv7(now.getTime());
  const session = { byProvider: false, ...who, sessionId, parentId: null, signedInAt: now };
  return insertToken(db, session, now, days);
}

/** The tenant a refresh token says it belongs to; open the transaction for this one. */
export function tenantOfRefreshToken(token: string): string | undefined {
  return readRefreshToken(token)?.tenantId;
}

async function readRow(db: Queryable, tenantId: string, id: string): Promise<TokenRow | undefined> {
  const { rows } = await db.query<TokenRow & Record<string, unknown>>(
    'SELECT * FROM auth_session WHERE tenant_id = $1 AND id = $2',
    [tenantId, id],
  );
  return rows[0];
}

/** Whether a rotated token comes back because its answer got lost on the way to the same client. */
async function isLostAnswer(
  db: Queryable,
  tenantId: string,
  row: TokenRow,
  client: Client,
  now: Date,
): Promise<boolean> {
  const age = now.getTime() - row.rotated_at!.getTime();
  const sameClient =
    row.ip === (client.ip ?? null) && row.user_agent === (client.userAgent ?? null);
  if (row.retried_at || !sameClient || age > GRACE_SECONDS * 1000) return false;
  const used = await db.query(
    `SELECT 1 FROM auth_session
      WHERE tenant_id = $1 AND family_id = $2 AND parent_id = $3 AND rotated_at IS NOT NULL`,
    [tenantId, row.family_id, row.id],
  );
  return used.rowCount === 0;
}

/**
 * Exchanges a refresh token for the next one. A token that comes a second time ends the whole
 * session, because one of the two holders stole it; only within seconds of the first use, from the
 * same client and while the successor is unused, it is taken for a lost answer, once: the
 * successor nobody received is revoked and another one given. Runs in one transaction of the
 * token's tenant, which commits whatever the answer is.
 */
export async function refreshSession(
  db: Queryable,
  token: string,
  client: Client,
  now: Date,
  days = REFRESH_DAYS,
): Promise<RefreshResult> {
  const given = readRefreshToken(token);
  if (!given) return { status: 'refused' };
  const { tenantId } = given;
  const known = await readRow(db, tenantId, given.id);
  if (!known || !timingSafeEqual(known.refresh_hash, given.hash)) return { status: 'refused' };
  await lockPerson(db, tenantId, known.user_id);
  const row = (await readRow(db, tenantId, given.id))!;
  const session = { tenantId, userId: row.user_id, sessionId: row.family_id };
  const spent = row.rotated_at !== null;
  if (row.revoked_at || (spent && !(await isLostAnswer(db, tenantId, row, client, now)))) {
    const ended = await endSession(db, tenantId, session.sessionId, now);
    return ended ? { status: 'reused', ...session } : { status: 'refused' };
  }
  if (row.expires_at <= now) return { status: 'refused' };
  if (spent) {
    await db.query('UPDATE auth_session SET retried_at = $3 WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      row.id,
      now,
    ]);
    await db.query(
      `UPDATE auth_session SET revoked_at = $4
        WHERE tenant_id = $1 AND family_id = $2 AND parent_id = $3`,
      [tenantId, row.family_id, row.id, now],
    );
  } else {
    await db.query('UPDATE auth_session SET rotated_at = $3 WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      row.id,
      now,
    ]);
  }
  const { signed_in_at: signedInAt, by_provider: byProvider } = row;
  const next = { ...session, parentId: row.id, signedInAt, byProvider, client };
  return { status: 'refreshed', ...(await insertToken(db, next, now, days)) };
}

const LIVE = 'revoked_at IS NULL AND rotated_at IS NULL';

/** Ends a session; false when it had ended already. */
export async function endSession(
  db: Queryable,
  tenantId: string,
  sessionId: string,
  now: Date,
): Promise<boolean> {
  const { rows } = await db.query<{ user_id: string }>(
    'SELECT user_id FROM auth_session WHERE tenant_id = $1 AND family_id = $2 LIMIT 1',
    [tenantId, sessionId],
  );
  if (!rows[0]) return false;
  await lockPerson(db, tenantId, rows[0].user_id);
  const live = await isSessionLive(db, tenantId, sessionId, now);
  await db.query(
    `UPDATE auth_session SET revoked_at = $3
      WHERE tenant_id = $1 AND family_id = $2 AND revoked_at IS NULL`,
    [tenantId, sessionId, now],
  );
  return live;
}

/** Which sessions of a person end; all of them when nothing is said. */
export interface EndingSessions {
  readonly exceptSessionId?: string;
  /** Those that began later stay. */
  readonly signedInUntil?: Date;
}

/** Ends the sessions of a person; the ids of those that were live. */
export async function endSessionsOf(
  db: Queryable,
  tenantId: string,
  userId: string,
  now: Date,
  { exceptSessionId, signedInUntil }: EndingSessions = {},
): Promise<readonly string[]> {
  await lockPerson(db, tenantId, userId);
  const sessions = await listSessions(db, tenantId, userId, now);
  await db.query(
    `UPDATE auth_session SET revoked_at = $3
      WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL
        AND family_id IS DISTINCT FROM $4::uuid
        AND signed_in_at <= coalesce($5, 'infinity'::timestamptz)`,
    [tenantId, userId, now, exceptSessionId ?? null, signedInUntil ?? null],
  );
  return sessions
    .filter(({ signedInAt }) => !signedInUntil || signedInAt <= signedInUntil)
    .map(({ sessionId }) => sessionId)
    .filter((id) => id !== exceptSessionId);
}

/** Sessions a person could go on with, the one used last first. */
export async function listSessions(
  db: Queryable,
  tenantId: string,
  userId: string,
  now: Date,
): Promise<readonly SessionInfo[]> {
  const { rows } = await db.query<TokenRow & Record<string, unknown>>(
    `SELECT * FROM auth_session
      WHERE tenant_id = $1 AND user_id = $2 AND ${LIVE} AND expires_at > $3
      ORDER BY created_at DESC, id DESC`,
    [tenantId, userId, now],
  );
  return rows.map((row) => ({
    sessionId: row.family_id,
    signedInAt: row.signed_in_at,
    lastUsedAt: row.created_at,
    expiresAt: row.expires_at,
    ip: row.ip,
    userAgent: row.user_agent,
  }));
}

/** Whether an access token's session still stands; checked per request, cached for seconds. */
export async function isSessionLive(
  db: Queryable,
  tenantId: string,
  sessionId: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT 1 FROM auth_session
      WHERE tenant_id = $1 AND family_id = $2 AND ${LIVE} AND expires_at > $3 LIMIT 1`,
    [tenantId, sessionId, now],
  );
  return rowCount === 1;
}

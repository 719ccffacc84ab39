import type { FastifyRequest } from 'fastify';
import type { Aggregate } from '#kernel/aggregate';
import { isRefusal, type Refusal } from '#kernel/refusal';
import {
  scimConnection,
  type ScimConnectionState,
} from '#identity/scim-connection/scim-connection';
import { newApiKey, readApiKey } from '#platform/auth/api-keys-text';
import {
  revokeScimToken,
  SCIM_TOKEN_DAYS,
  setScimToken,
  useScimToken,
  type ScimToken,
} from '#platform/auth/scim-tokens';
import type { Platform } from '#platform/platform';
import { Accounts } from '../auth/accounts.js';
import { expiryProblem } from '../auth/api-keys.js';
import { originContext } from '../auth/origin-context.js';
import type { Caller } from '../http/request-context.js';
import { originOf } from '../rest/auth.js';
import { ScimProblem } from './problem.js';
import type { Directory } from './resources.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a directory may do; whom it must leave alone is a rule of its own. */
const grants = Object.fromEntries(
  [
    'users:create',
    'users:update',
    'users:administer',
    'users:record',
    'teams:create',
    'teams:update',
    'teams:delete',
  ].map((permission) => [permission, 'all' as const]),
);

const refused = () =>
  new ScimProblem(401, 'Send Authorization: Bearer with the token of a SCIM connection.');

/** A token with its text, which is shown this once. */
export interface MadeScimToken {
  readonly token: string;
  readonly record: ScimToken;
}

/** Makes, replaces and ends tokens of SCIM connections, and knows directories by them. */
export class ScimTokens {
  constructor(private readonly platform: Platform) {}

  /** Gives a connection a new token; the one before stays good for these hours. */
  async make(
    caller: Caller,
    connectionId: string,
    { expiresAt, overlapHours }: { readonly expiresAt?: string; readonly overlapHours: number },
  ): Promise<MadeScimToken | Refusal> {
    const { tenantId } = caller;
    const { clock, database } = this.platform;
    const now = clock();
    const until = expiresAt ? new Date(expiresAt) : new Date(now.getTime() + SCIM_TOKEN_DAYS * DAY);
    const wrong = expiryProblem(until, now, SCIM_TOKEN_DAYS);
    if (wrong) return wrong;
    const former = new Date(now.getTime() + overlapHours * HOUR);
    const { key, hash } = newApiKey(tenantId, connectionId, 'scim');
    // The fact first: a connection that is gone gets no token.
    const result = await this.platform.dispatch(
      'RecordScimToken',
      {
        expiresAt: until.toISOString(),
        formerUntil: overlapHours > 0 ? former.toISOString() : null,
      },
      caller,
      { id: connectionId },
    );
    if (isRefusal(result)) return result as Refusal;
    const record = await database.tenant(tenantId, (db) =>
      setScimToken(db, { tenantId, id: connectionId, hash }, until, former, now),
    );
    return { token: key, record };
  }

  /** Ends the token of a connection at once. */
  async revoke(caller: Caller, connectionId: string): Promise<Refusal | undefined> {
    const { tenantId } = caller;
    const { clock, database } = this.platform;
    const ended = await database.tenant(tenantId, (db) =>
      revokeScimToken(db, tenantId, connectionId, clock()),
    );
    if (!ended) return undefined;
    const result = await this.platform.dispatch('RecordScimTokenRevocation', {}, caller, {
      id: connectionId,
    });
    return isRefusal(result) ? (result as Refusal) : undefined;
  }

  /** The directory a request comes from; throws when its token is not good. */
  async directoryOf(request: FastifyRequest): Promise<Directory> {
    const text = /^Bearer (\S{20,200})$/i.exec(request.headers.authorization ?? '')?.[1];
    const given = text ? readApiKey(text, 'scim') : undefined;
    if (!given) throw refused();
    const { tenantId, id: connectionId } = given;
    const { platform } = this;
    const good = await platform.database.tenant(tenantId, (db) =>
      useScimToken(db, given, request.ip, platform.clock()),
    );
    if (!good) throw refused();
    const aggregate = scimConnection as unknown as Aggregate;
    const [connection, workspace] = await Promise.all([
      platform.facts.state(tenantId, aggregate, connectionId) as Promise<ScimConnectionState>,
      new Accounts(platform).workspace(tenantId),
    ]);
    if (connection.status !== 'active') throw refused();
    if (workspace.status !== 'active') {
      throw new ScimProblem(403, 'The workspace is suspended; its administrators know more.');
    }
    const actor = { type: 'system', id: `scim:${connectionId}` } as const;
    const ctx = originContext(tenantId, originOf(request), actor, grants);
    return { tenantId, connectionId, values: connection.values, ctx };
  }
}

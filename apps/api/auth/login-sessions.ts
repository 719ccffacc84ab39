import type { Actor } from '#kernel/context';
import { isRefusal, type Refusal } from '#kernel/refusal';
import {
  endSession,
  endSessionsOf,
  refreshSession,
  startSession,
  tenantOfRefreshToken,
  type StartedSession,
} from '#platform/auth/sessions';
import type { AccessTokens } from '#platform/auth/tokens';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import type { Caller, Callers } from '../http/request-context.js';
import { standingOf, type Accounts, type Holder } from './accounts.js';
import type { SignInJournal, SignInMethod } from './journal.js';
import type { SecondFactors } from './mfa.js';
import { expired, refused, suspended } from './sign-in-refusals.js';
import type { Origin, SignedIn } from './sign-in.js';
import { Providers } from './sso/providers.js';

const system: Actor = { type: 'system', id: 'sign-in' };

/** Sessions of people whose identity is settled: opened, gone on with and ended. */
export class LoginSessions {
  private readonly providers: Providers;

  constructor(
    private readonly parts: {
      readonly platform: Platform;
      readonly tokens: AccessTokens;
      readonly callers: Callers;
      readonly accounts: Accounts;
    },
    private readonly journal: SignInJournal,
    private readonly factors: SecondFactors,
    /** Days a sign-in lasts without use. */
    readonly refreshDays: number,
  ) {
    this.providers = new Providers(parts.platform);
  }

  /** Opens a session for somebody who proved who they are, if they may sign in at present. */
  async open(
    holder: Holder,
    origin: Origin,
    method: SignInMethod = 'password',
  ): Promise<SignedIn | Refusal> {
    const standing = standingOf(holder);
    if (standing !== 'active') {
      this.journal.failed(holder, standing, origin);
      return standing === 'suspended' ? suspended(holder.workspace) : refused;
    }
    const { tenantId, userId } = holder;
    const byProvider = method === 'saml' || method === 'oidc';
    const now = this.parts.platform.clock();
    const session = await this.inTenant(tenantId, (db) =>
      startSession(db, { tenantId, userId, client: origin, byProvider }, now, this.refreshDays),
    );
    const recorded = await this.journal.signedIn(holder, session.sessionId, origin, method);
    if (!isRefusal(recorded)) return this.answer(session);
    await this.inTenant(tenantId, (db) => endSession(db, tenantId, session.sessionId, now));
    return refused;
  }

  /** Exchanges a refresh token; one that was stolen ends its session. */
  async refresh(token: string, origin: Origin): Promise<SignedIn | Refusal> {
    const tenantId = tenantOfRefreshToken(token);
    if (!tenantId) return expired;
    const now = this.parts.platform.clock();
    const result = await this.inTenant(tenantId, (db) =>
      refreshSession(db, token, origin, now, this.refreshDays),
    );
    if (result.status === 'refused') return expired;
    if (result.status === 'reused') {
      this.parts.callers.forget(tenantId);
      await this.journal.signedOut(result, result.sessionId, system, origin);
      return expired;
    }
    const holder = await this.parts.accounts.holder(result);
    const goesOn =
      standingOf(holder) === 'active' &&
      !(await this.factors.lacking(holder)) &&
      (result.byProvider || !(await this.providers.forbidsPassword(tenantId, holder.person)));
    if (goesOn) return this.answer(result);
    await this.inTenant(tenantId, (db) => endSession(db, tenantId, result.sessionId, now));
    return expired;
  }

  /** Ends this session, or all sessions of the person. */
  async signOut(caller: Caller, everywhere: boolean, origin: Origin): Promise<void> {
    const { tenantId, actor, sessionId } = caller;
    const now = this.parts.platform.clock();
    await this.inTenant(tenantId, async (db) => {
      if (everywhere) await endSessionsOf(db, tenantId, actor.id, now);
      else await endSession(db, tenantId, sessionId, now);
    });
    this.parts.callers.forget(tenantId);
    const account = { tenantId, userId: actor.id };
    await this.journal.signedOut(account, everywhere ? null : sessionId, actor, origin);
  }

  /** The tokens of a session. */
  async answer(session: StartedSession): Promise<SignedIn> {
    const { tenantId, userId, sessionId, refreshToken, expiresAt } = session;
    const access = await this.parts.tokens.sign({ tenantId, userId, sessionId });
    return {
      tenantId,
      userId,
      sessionId,
      accessToken: access.token,
      accessTokenExpiresAt: access.expiresAt.toISOString(),
      refreshToken,
      refreshTokenExpiresAt: expiresAt.toISOString(),
    };
  }

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.parts.platform.database.tenant(tenantId, work);
  }
}

import type { Logger } from 'pino';
import { PLATFORM_TENANT } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { attemptKeys, clearAttempts, MAX_FAILURES, takeAttempt } from '#platform/auth/attempts';
import { passwordHashOf, strengthenHash } from '#platform/auth/credentials';
import { hashPassword, verifyPassword } from '#platform/auth/password';
import {
  endSession,
  endSessionsOf,
  refreshSession,
  startSession,
  tenantOfRefreshToken,
  type Client,
  type StartedSession,
} from '#platform/auth/sessions';
import type { AccessTokens } from '#platform/auth/tokens';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import type { Caller, Callers } from '../http/request-context.js';
import { RefusedError } from '../http/answers.js';
import { Accounts, type Account } from './accounts.js';
import { SignInJournal, type SignInMethod } from './journal.js';
import { SecondFactors, type SecondStep } from './mfa.js';
import type { Proof } from './mfa-proofs.js';
import { SignInRate } from './sign-in-rate.js';
import { Providers } from './sso/providers.js';

export interface Credentials {
  readonly workspace?: string;
  readonly email: string;
  readonly password: string;
}

/** What a client signs its requests with, and how it goes on when that has run out. */
export interface SignedIn {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: string;
}

export interface Origin extends Client {
  readonly ip: string;
  readonly requestId: string;
}

const refused = refusal(
  'SIGN_IN_REFUSED',
  'unauthenticated',
  'The workspace, e-mail address or password is wrong, or the account may not sign in.',
);
const locked = refusal(
  'TOO_MANY_ATTEMPTS',
  'limit',
  'There were too many attempts from here; try again in 15 minutes.',
);
const tooFast = (seconds: number) =>
  new RefusedError(
    refusal(
      'TOO_MANY_ATTEMPTS',
      'limit',
      `There were too many attempts from here; try again in ${seconds} s.`,
    ),
    429,
    { 'retry-after': String(seconds) },
  );
const suspended = refusal('WORKSPACE_SUSPENDED', 'forbidden', 'This workspace is suspended.');
const ssoRequired = refusal(
  'SSO_REQUIRED',
  'forbidden',
  'This workspace signs in through its identity provider, not with a password.',
  [{ rule: 'sso', message: 'A password is not enough here.', remedy: 'Use single sign-on.' }],
);
const expired = refusal(
  'SESSION_ENDED',
  'unauthenticated',
  'The session has ended; sign in again.',
);
const several = (workspaces: readonly string[]) =>
  refusal('WORKSPACE_NEEDED', 'conflict', 'This address is used in several workspaces.', [
    {
      field: 'workspace',
      rule: 'choice',
      message: `Name one of them: ${workspaces.join(', ')}.`,
      value: workspaces,
    },
  ]);

export interface SignInLimits {
  /** Days a sign-in lasts without use. */
  readonly refreshDays: number;
  /** Attempts that one address has in a minute. */
  readonly perMinute?: number;
}

type AttemptKey = ReturnType<ReturnType<typeof attemptKeys>>;

/**
 * Signing in, going on and signing out. An unknown address, a wrong password and an account that
 * may not sign in are answered alike, after the same work.
 */
export class SignIn {
  readonly journal: SignInJournal;
  readonly factors: SecondFactors;
  private readonly accounts: Accounts;
  private readonly keyOf: ReturnType<typeof attemptKeys>;
  private readonly rate: SignInRate;
  private readonly providers: Providers;

  constructor(
    private readonly platform: Platform,
    private readonly tokens: AccessTokens,
    private readonly callers: Callers,
    log: Logger,
    private readonly limits: SignInLimits,
  ) {
    this.accounts = new Accounts(platform);
    this.providers = new Providers(platform);
    this.journal = new SignInJournal(platform, log);
    this.factors = new SecondFactors(platform, callers, this.journal);
    this.keyOf = attemptKeys(platform.options.masterKey);
    this.rate = new SignInRate(platform.clock, limits.perMinute);
  }

  async signIn(given: Credentials, origin: Origin): Promise<SignedIn | SecondStep | Refusal> {
    this.slowDown(origin);
    const { email, password, workspace } = given;
    const tenantId = workspace ? await this.accounts.tenantOf(workspace) : undefined;
    const found = workspace && !tenantId ? [] : await this.accounts.find(email, tenantId);
    const tenants = found.length > 0 ? found : [{ tenantId: tenantId ?? PLATFORM_TENANT }];
    const keys = tenants.map((one) => this.keyOf(one.tenantId, email, origin.ip));
    const allowed = await this.attempt(keys, found, origin);
    if (!allowed) return locked;
    const right = await this.rightOnes(found, password);
    const wrong = found.filter((account) => !right.includes(account));
    if (right.length === 0) {
      for (const account of wrong) this.journal.failed(account, 'wrong_password', origin);
      return refused;
    }
    await Promise.all(right.map((account) => this.clear(account, email, origin)));
    if (right.length > 1) return several(await this.slugs(right));
    return this.begin(right[0]!, origin);
  }

  /** Goes on with somebody whose password is known to be right: a second factor, or a session. */
  async begin(account: Account, origin: Origin): Promise<SignedIn | SecondStep | Refusal> {
    if (await this.isSsoForced(account)) return ssoRequired;
    return (await this.secondStep(account)) ?? this.open(account, origin);
  }

  /** What is left to do for somebody who may go on; the others are refused as without a factor. */
  private async secondStep(account: Account): Promise<SecondStep | undefined> {
    if ((await this.mayGoOn(account)) !== 'active') return undefined;
    return this.factors.demand(account);
  }

  /** Completes a sign-in with a second factor. */
  async proveFactor(challenge: string, proof: Proof, origin: Origin): Promise<SignedIn | Refusal> {
    this.slowDown(origin);
    const account = await this.factors.redeem(challenge, proof, origin);
    return isRefusal(account) ? account : this.open(account as Account, origin);
  }

  /** Completes a sign-in with the first code of the factor it was asked for. */
  async finishEnrolment(
    challenge: string,
    code: string,
    origin: Origin,
  ): Promise<(SignedIn & { readonly recoveryCodes: readonly string[] | null }) | Refusal> {
    this.slowDown(origin);
    const done = await this.factors.finishEnrolment(challenge, code, origin);
    if ('refused' in done) return done;
    const signed = await this.open(done.account, origin);
    return 'refused' in signed ? signed : { ...signed, recoveryCodes: done.added.recoveryCodes };
  }

  private slowDown({ ip }: Origin): void {
    const wait = this.rate.take(ip);
    if (wait > 0) throw tooFast(wait);
  }

  private async isSsoForced(account: Account): Promise<boolean> {
    const person = await this.accounts.person(account);
    return this.providers.forbidsPassword(account.tenantId, person);
  }

  /** Counts first, so that many at once get no more guesses than one after the other. */
  private async attempt(keys: readonly AttemptKey[], found: readonly Account[], origin: Origin) {
    const now = this.platform.clock();
    const taken = await Promise.all(
      keys.map((key) => this.inTenant(key.tenantId, (db) => takeAttempt(db, key, now))),
    );
    for (const [index, account] of found.entries()) {
      // Once per lock: somebody who goes on knocking adds nothing to the log.
      if (taken[index]!.failures === MAX_FAILURES + 1)
        this.journal.failed(account, 'locked', origin);
    }
    return taken.every(({ allowed }) => allowed);
  }

  /** A namesake in another workspace, whose password was not given, keeps what was counted. */
  private clear({ tenantId }: Account, email: string, { ip }: Origin): Promise<void> {
    const key = this.keyOf(tenantId, email, ip);
    return this.inTenant(tenantId, (db) => clearAttempts(db, key));
  }

  /** The accounts whose password this is; without any account the same work is done once. */
  private async rightOnes(found: readonly Account[], password: string): Promise<Account[]> {
    if (found.length === 0) await verifyPassword(password, null);
    const right: Account[] = [];
    for (const account of found) {
      const { tenantId, userId } = account;
      const hash = await this.inTenant(tenantId, (db) => passwordHashOf(db, tenantId, userId));
      const check = await verifyPassword(password, hash);
      if (check.ok) right.push(account);
      if (check.rehash && hash) this.journal.later(() => this.rehash(account, password, hash));
    }
    return right;
  }

  private async rehash({ tenantId, userId }: Account, password: string, before: string) {
    const hash = await hashPassword(password);
    await this.inTenant(tenantId, (db) => strengthenHash(db, tenantId, userId, before, hash));
  }

  private async slugs(accounts: readonly Account[]): Promise<string[]> {
    const found = await Promise.all(accounts.map((one) => this.accounts.workspace(one.tenantId)));
    return found.flatMap((state) => (state.status === 'absent' ? [] : [state.values.slug]));
  }

  /** Opens a session for somebody who proved who they are, if they may sign in at present. */
  async open(
    account: Account,
    origin: Origin,
    method: SignInMethod = 'password',
  ): Promise<SignedIn | Refusal> {
    const standing = await this.mayGoOn(account);
    if (standing !== 'active') {
      this.journal.failed(account, standing, origin);
      return standing === 'suspended' ? suspended : refused;
    }
    const { tenantId } = account;
    const now = this.platform.clock();
    const session = await this.inTenant(tenantId, (db) =>
      startSession(db, { ...account, client: origin }, now, this.limits.refreshDays),
    );
    const recorded = await this.journal.signedIn(account, session.sessionId, origin, method);
    if (!isRefusal(recorded)) return this.answer(session);
    await this.inTenant(tenantId, (db) => endSession(db, tenantId, session.sessionId, now));
    return refused;
  }

  private async mayGoOn(account: Account): Promise<'active' | 'suspended' | 'not_active'> {
    const [person, workspace] = await Promise.all([
      this.accounts.person(account),
      this.accounts.workspace(account.tenantId),
    ]);
    if (person.status !== 'active') return 'not_active';
    return workspace.status === 'active' ? 'active' : 'suspended';
  }

  /** Exchanges a refresh token; one that was stolen ends its session. */
  async refresh(token: string, origin: Origin): Promise<SignedIn | Refusal> {
    const tenantId = tenantOfRefreshToken(token);
    if (!tenantId) return expired;
    const now = this.platform.clock();
    const { refreshDays } = this.limits;
    const result = await this.inTenant(tenantId, (db) =>
      refreshSession(db, token, origin, now, refreshDays),
    );
    if (result.status === 'refused') return expired;
    if (result.status === 'reused') {
      this.callers.forget(tenantId);
      await this.journal.signedOut(
        result,
        result.sessionId,
        { type: 'system', id: 'sign-in' },
        origin,
      );
      return expired;
    }
    const goesOn = (await this.mayGoOn(result)) === 'active';
    if (goesOn && !(await this.factors.lacking(result))) return this.answer(result);
    await this.inTenant(tenantId, (db) => endSession(db, tenantId, result.sessionId, now));
    return expired;
  }

  /** Ends this session, or all sessions of the person. */
  async signOut(caller: Caller, everywhere: boolean, origin: Origin): Promise<void> {
    const { tenantId, actor, sessionId } = caller;
    const now = this.platform.clock();
    await this.inTenant(tenantId, async (db) => {
      if (everywhere) await endSessionsOf(db, tenantId, actor.id, now);
      else await endSession(db, tenantId, sessionId, now);
    });
    this.callers.forget(tenantId);
    const account = { tenantId, userId: actor.id };
    await this.journal.signedOut(account, everywhere ? null : sessionId, actor, origin);
  }

  /** The tokens of a session. */
  async answer(session: StartedSession): Promise<SignedIn> {
    const { tenantId, userId, sessionId, refreshToken, expiresAt } = session;
    const access = await this.tokens.sign({ tenantId, userId, sessionId });
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
    return this.platform.database.tenant(tenantId, work);
  }
}

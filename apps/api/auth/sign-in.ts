import type { Logger } from 'pino';
import { PLATFORM_TENANT } from '#kernel/ids';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { attemptKeys, clearAttempts, MAX_FAILURES, takeAttempt } from '#platform/auth/attempts';
import { passwordHashOf, strengthenHash } from '#platform/auth/credentials';
import { holderOf, type PasskeyAnswer, type RequestOptions } from '#platform/auth/passkeys';
import {
  hashPassword,
  MIN_PASSWORD,
  passwordLength,
  verifyPassword,
} from '#platform/auth/password';
import type { Client } from '#platform/auth/sessions';
import type { AccessTokens } from '#platform/auth/tokens';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import type { Callers } from '../http/request-context.js';
import { Accounts, standingOf, type Account, type Holder } from './accounts.js';
import { SignInJournal } from './journal.js';
import { LoginSessions } from './login-sessions.js';
import { SecondFactors, type NewFactor, type SecondStep } from './mfa.js';
import { wrongProof, type Proof } from './mfa-proofs.js';
import { SignInRate } from './sign-in-rate.js';
import { locked, refused, several, ssoRequired, tooShort } from './sign-in-refusals.js';
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

export interface SignInLimits {
  /** Days a sign-in lasts without use. */
  readonly refreshDays: number;
  /** Address people reach the app under; passkeys are made for it. */
  readonly publicUrl: string;
  /** Attempts that one address has in a minute. */
  readonly perMinute?: number;
}

type AttemptKey = ReturnType<ReturnType<typeof attemptKeys>>;

/**
 * Finds out who signs in: by password, second factor or passkey. An unknown address, a wrong
 * password and an account that may not sign in are answered alike, after the same work.
 */
export class SignIn {
  readonly journal: SignInJournal;
  readonly factors: SecondFactors;
  readonly sessions: LoginSessions;
  private readonly accounts: Accounts;
  private readonly keyOf: ReturnType<typeof attemptKeys>;
  private readonly rate: SignInRate;
  private readonly providers: Providers;

  constructor(
    private readonly platform: Platform,
    tokens: AccessTokens,
    callers: Callers,
    log: Logger,
    limits: SignInLimits,
  ) {
    this.accounts = new Accounts(platform);
    this.providers = new Providers(platform);
    this.journal = new SignInJournal(platform, log);
    this.factors = new SecondFactors(platform, callers, this.journal, limits.publicUrl);
    this.sessions = new LoginSessions(
      { platform, tokens, callers, accounts: this.accounts },
      this.journal,
      this.factors,
      limits.refreshDays,
    );
    this.keyOf = attemptKeys(platform.options.masterKey);
    this.rate = new SignInRate(platform.clock, limits.perMinute);
  }

  async signIn(given: Credentials, origin: Origin): Promise<SignedIn | SecondStep | Refusal> {
    this.rate.check(origin);
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
    return this.begin(right[0]!, origin, passwordLength(password) < MIN_PASSWORD);
  }

  /** Goes on with somebody whose password is known to be right: a second factor, or a session. */
  async begin(
    account: Account,
    origin: Origin,
    isShort = false,
  ): Promise<SignedIn | SecondStep | Refusal> {
    const holder = await this.accounts.holder(account);
    const forced = await this.ssoForced(holder);
    if (forced) return forced;
    if (standingOf(holder) === 'active') {
      const step = await this.factors.demand(holder);
      if (step) return step;
      if (isShort) return tooShort;
    }
    return this.sessions.open(holder, origin);
  }

  /** Completes a sign-in with a second factor. */
  async proveFactor(challenge: string, proof: Proof, origin: Origin): Promise<SignedIn | Refusal> {
    this.rate.check(origin);
    const account = await this.factors.redeem(challenge, proof, origin);
    return isRefusal(account) ? account : this.enter(account as Account, origin);
  }

  /** Sends a code by e-mail to complete a sign-in with. */
  sendEmailCode(challenge: string, origin: Origin): Promise<Refusal | undefined> {
    this.rate.check(origin);
    return this.factors.sendEmailCode(challenge);
  }

  /** What a browser asks any passkey of this site with. */
  askPasskey(origin: Origin): Promise<RequestOptions> {
    this.rate.check(origin);
    return this.factors.passkeys.askAnybody();
  }

  /** Signs in whoever a passkey says it is; it verified the person, so it is both factors. */
  async signInByPasskey(answer: PasskeyAnswer, origin: Origin): Promise<SignedIn | Refusal> {
    this.rate.check(origin);
    const account = holderOf(answer);
    const checked = account && (await this.factors.passkeys.checkAnybody(account, answer));
    if (!account || checked !== true) {
      // What signed wrongly may be anybody, and leaves no trace with a person who has no part in it.
      if (account && checked === 'clone') this.factors.proofs.cloned(account, origin);
      return wrongProof('passkey');
    }
    const holder = await this.accounts.holder(account);
    const forced = await this.ssoForced(holder);
    if (forced) return forced;
    await this.factors.proofs.proved(account, 'passkey', 'sign_in', origin);
    return this.sessions.open(holder, origin, 'passkey');
  }

  /** Completes a sign-in with the factor it was asked for. */
  async finishEnrolment(
    challenge: string,
    given: NewFactor,
    origin: Origin,
  ): Promise<(SignedIn & { readonly recoveryCodes: readonly string[] | null }) | Refusal> {
    this.rate.check(origin);
    const done = await this.factors.finishEnrolment(challenge, given, origin);
    if ('refused' in done) return done;
    const signed = await this.enter(done.account, origin);
    return 'refused' in signed ? signed : { ...signed, recoveryCodes: done.added.recoveryCodes };
  }

  private async enter(account: Account, origin: Origin): Promise<SignedIn | Refusal> {
    return this.sessions.open(await this.accounts.holder(account), origin);
  }

  private async ssoForced({ tenantId, person, workspace }: Holder): Promise<Refusal | undefined> {
    if (!(await this.providers.forbidsPassword(tenantId, person))) return undefined;
    return ssoRequired(workspace.status === 'absent' ? undefined : workspace.values.slug);
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

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.platform.database.tenant(tenantId, work);
  }
}

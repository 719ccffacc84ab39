import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { passwordHashOf } from '#platform/auth/credentials';
import {
  factorsOf,
  lockFactors,
  noteProof,
  removeFactor,
  renameFactor,
  type Factor,
} from '#platform/auth/factors';
import type { RequestOptions } from '#platform/auth/passkeys';
import { recoveryCodesLeft } from '#platform/auth/recovery';
import { endSessionsOf } from '#platform/auth/sessions';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import type { Caller, Callers } from '../http/request-context.js';
import { passwordMinimum } from './account-services.js';
import { Accounts, type Account } from './accounts.js';
import type { SignInJournal } from './journal.js';
import { isRequired, kindsOf, minimumBeside, type SecondFactors } from './mfa.js';
import { noSuchFactor } from './mfa-enrolment.js';
import type { Proof } from './mfa-proofs.js';
import { provenUntil } from './mfa-step-up.js';
import type { Origin } from './sign-in.js';

const lastOne = refusal(
  'FACTOR_REQUIRED',
  'rule',
  'The workspace asks for a second factor, and this is the last one.',
  [
    {
      field: 'id',
      rule: 'required',
      message: 'Your role needs a second factor.',
      remedy: 'Add another one first.',
    },
  ],
);
const noFactor = refusal(
  'FACTOR_MISSING',
  'rule',
  'Recovery codes stand in for a second factor, and there is none yet.',
);

/** What a signed-in person sees and does about their own factors. */
export class OwnFactors {
  private readonly accounts: Accounts;

  constructor(
    private readonly platform: Platform,
    private readonly factors: SecondFactors,
    private readonly callers: Callers,
    private readonly journal: SignInJournal,
  ) {
    this.accounts = new Accounts(platform);
  }

  /** The factors, the codes that are left, what the workspace asks for. */
  async state(caller: Caller) {
    const account = accountOf(caller);
    const { tenantId, userId } = account;
    const [person, workspace, factors, codes, hash, until] = await Promise.all([
      this.accounts.person(account),
      this.accounts.workspace(tenantId),
      this.inTenant(tenantId, (db) => factorsOf(db, tenantId, userId)),
      this.inTenant(tenantId, (db) => recoveryCodesLeft(db, account)),
      this.inTenant(tenantId, (db) => passwordHashOf(db, tenantId, userId)),
      provenUntil(this.platform, caller),
    ]);
    if (person.status === 'absent' || workspace.status === 'absent') return noSuchFactor;
    const { mfaPolicy: policy } = workspace;
    const requiredNow = isRequired({ person, workspace }, this.platform.clock());
    return {
      factors: factors.map(shown),
      recoveryCodesLeft: codes,
      proofs: factors.length > 0 ? kindsOf(factors, codes) : hash === null ? [] : PASSWORD,
      required: policy.requiredRoles.includes(person.role),
      requiredNow,
      policy,
      passwordMinimum: await passwordMinimum(
        this.platform,
        tenantId,
        minimumBeside(requiredNow, factors),
      ),
      provenUntil: until > this.platform.clock() ? until.toISOString() : null,
    };
  }

  /** Proves who the caller is once more, for dangerous actions of the next minutes. */
  async stepUp(caller: Caller, proof: Proof, origin: Origin): Promise<Refusal | { until: Date }> {
    const account = accountOf(caller);
    const { sessionId } = caller;
    const { proofs } = this.factors;
    const proved = await proofs.prove(account, proof, 'step_up', sessionId, origin);
    if (isRefusal(proved)) return proved as Refusal;
    const now = this.platform.clock();
    await this.inTenant(account.tenantId, (db) => noteProof(db, { ...account, sessionId }, now));
    return { until: await provenUntil(this.platform, caller) };
  }

  /** What a passkey of the caller is asked with, to prove who they are once more. */
  askPasskey(caller: Caller): Promise<RequestOptions> {
    return this.factors.passkeys.ask(accountOf(caller), caller.sessionId);
  }

  /** Calls a factor something else. */
  async rename(caller: Caller, id: string, name: string): Promise<Refusal | undefined> {
    const account = accountOf(caller);
    const done = await this.inTenant(account.tenantId, (db) =>
      renameFactor(db, { ...account, id }, name),
    );
    return done ? undefined : noSuchFactor;
  }

  /** Removes a factor; other sessions of the person end. */
  async remove(caller: Caller, id: string, origin: Origin): Promise<Refusal | undefined> {
    const account = accountOf(caller);
    const { tenantId, userId } = account;
    const [person, workspace] = await Promise.all([
      this.accounts.person(account),
      this.accounts.workspace(tenantId),
    ]);
    if (person.status === 'absent' || workspace.status === 'absent') return noSuchFactor;
    const now = this.platform.clock();
    const needed = isRequired({ person, workspace }, now);
    const { sessionId } = caller;
    const outcome = await this.inTenant(tenantId, async (db) => {
      await lockFactors(db, account);
      const all = await factorsOf(db, tenantId, userId);
      const factor = all.find((one) => one.id === id);
      if (!factor) return noSuchFactor;
      if (needed && all.length === 1) return lastOne;
      await endSessionsOf(db, tenantId, userId, now, { exceptSessionId: sessionId });
      await removeFactor(db, factor);
      return factor;
    });
    if (isRefusal(outcome)) return outcome as Refusal;
    this.callers.forget(tenantId);
    const { kind } = outcome as Factor;
    const input = { factorId: id, kind };
    await this.journal.byPerson('RecordFactorRemoved', account, input, origin);
    return undefined;
  }

  /** Ten new recovery codes in place of those before. */
  async newCodes(caller: Caller, origin: Origin): Promise<readonly string[] | Refusal> {
    const account = accountOf(caller);
    const { tenantId, userId } = account;
    const factors = await this.inTenant(tenantId, (db) => factorsOf(db, tenantId, userId));
    return factors.length === 0 ? noFactor : this.factors.enrolments.newCodes(account, origin);
  }

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.platform.database.tenant(tenantId, work);
  }
}

const PASSWORD = ['password'] as const;
const accountOf = ({ tenantId, actor }: Caller): Account => ({ tenantId, userId: actor.id });

const shown = ({ id, kind, name, createdAt, lastUsedAt }: Factor) => ({
  id,
  kind,
  name,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});

import { refusal, type Refusal } from '#kernel/refusal';
import type {
  ProofKind,
  ProofPurpose,
  ProofRefusal,
} from '#event-schemas/identity/user-factors.events';
import { attemptKeys, clearAttempts, takeAttempt } from '#platform/auth/attempts';
import { passwordHashOf } from '#platform/auth/credentials';
import { factorsOf, FactorSecrets, useFactor } from '#platform/auth/factors';
import { verifyPassword } from '#platform/auth/password';
import {
  recoveryCodeOf,
  recoveryCodesLeft,
  recoveryHash,
  useRecoveryCode,
} from '#platform/auth/recovery';
import { totpCodeOf, totpStep } from '#platform/auth/totp';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import type { PasskeyAnswer } from '#platform/auth/passkeys';
import type { Account } from './accounts.js';
import type { EmailCodes } from './email-codes.js';
import type { SignInJournal } from './journal.js';
import type { Passkeys } from './passkeys.js';
import type { Origin } from './sign-in.js';

/** What somebody proves who they are with. */
export interface Proof {
  /** Of an authenticator app, or a recovery code. */
  readonly code?: string;
  /** Counts for people without a second factor. */
  readonly password?: string;
  /** What a passkey of theirs signed. */
  readonly passkey?: PasskeyAnswer;
}

/** Failures from anywhere that lock the codes of an account; from one address it takes five. */
const MAX_EVERYWHERE = 10;

const remedies = {
  code: 'Wait for the next code of your app, or give an unused recovery code.',
  password: 'Give the password you sign in with.',
  passkey: 'Try again with a passkey of this account, or prove who you are in another way.',
};
/** The refusal of a proof, whatever is wrong with it. */
export const wrongProof = (field: keyof typeof remedies) =>
  refusal('FACTOR_REFUSED', 'forbidden', `The ${field} is wrong, or was used before.`, [
    {
      field,
      rule: 'proof',
      message: `This ${field} proves nothing.`,
      remedy: remedies[field],
    },
  ]);
const locked = refusal(
  'TOO_MANY_ATTEMPTS',
  'limit',
  'There were too many attempts; try again in 15 minutes.',
);
const factorNeeded = refusal('FACTOR_NEEDED', 'forbidden', 'A password is not enough.', [
  {
    field: 'password',
    rule: 'factor',
    message: 'This account has a second factor.',
    remedy: 'Give a code of it, or a recovery code.',
  },
]);

/** Checks codes and passwords: counted before they are looked at, each code good once. */
export class FactorProofs {
  private readonly secrets: FactorSecrets;
  private readonly keyOf: ReturnType<typeof attemptKeys>;

  constructor(
    private readonly platform: Platform,
    private readonly journal: SignInJournal,
    private readonly passkeys: Passkeys,
    private readonly emailCodes: EmailCodes,
  ) {
    this.secrets = new FactorSecrets(platform.keys);
    this.keyOf = attemptKeys(platform.options.masterKey);
  }

  /** What the proof was given with, or why it is none; `place`: the session, or the sign-in. */
  async prove(
    account: Account,
    proof: Proof,
    purpose: ProofPurpose,
    place: string,
    origin: Origin,
  ): Promise<ProofKind | Refusal> {
    const { code, password, passkey } = proof;
    if (passkey) {
      return this.guarded(account, 'passkey', purpose, origin, () =>
        this.passkeys.check(account, passkey, place),
      );
    }
    if (code === undefined && password === undefined) return wrongProof('code');
    if (code === undefined) return this.byPassword(account, password!, purpose, origin);
    if (purpose === 'sign_in' && (await this.hasNone(account))) {
      const plain = totpCodeOf(code) ?? '';
      return this.guarded(account, 'email_code', purpose, origin, () =>
        this.emailCodes.check(account, place, plain),
      );
    }
    const recovery = totpCodeOf(code) ? undefined : recoveryCodeOf(code);
    const kind = recovery ? 'recovery_code' : 'totp';
    return this.guarded(account, kind, purpose, origin, () =>
      recovery ? this.useRecovery(account, recovery) : this.useCode(account, code),
    );
  }

  /**
   * Runs a check whose failures are counted, and keeps in the log how it ended. Counting comes
   * first, so that many at once get no more guesses than one after the other.
   */
  async guarded(
    account: Account,
    kind: ProofKind,
    purpose: ProofPurpose,
    origin: Origin,
    check: () => Promise<boolean | ProofRefusal>,
  ): Promise<ProofKind | Refusal> {
    const { tenantId, userId } = account;
    const here = this.keyOf(tenantId, `factor:${userId}`, origin.ip);
    const keys = [here, { ...here, address: 'everywhere' }];
    const now = this.platform.clock();
    const [one, all] = await this.inTenant(tenantId, async (db) => [
      await takeAttempt(db, keys[0]!, now),
      await takeAttempt(db, keys[1]!, now),
    ]);
    const refuse = (reason: ProofRefusal) => {
      const input = { kind, purpose, reason };
      this.journal.later(() =>
        this.journal.byProduct('RecordFactorRefusal', account, input, origin),
      );
    };
    if (!one!.allowed || all!.failures > MAX_EVERYWHERE) {
      // Once per lock, so that knocking on adds nothing to the log.
      if (one!.allowed ? all!.failures === MAX_EVERYWHERE + 1 : one!.failures === 6) {
        refuse('locked');
      }
      return locked;
    }
    const outcome = await check();
    if (outcome !== true) {
      refuse(outcome || 'wrong');
      return wrongProof(kind === 'password' || kind === 'passkey' ? kind : 'code');
    }
    await this.inTenant(tenantId, async (db) => {
      for (const key of keys) await clearAttempts(db, key);
    });
    await this.proved(account, kind, purpose, origin);
    return kind;
  }

  /** Keeps in the log that a passkey's counter ran backwards: there may be a copy of it. */
  cloned(account: Account, origin: Origin): void {
    const input = { kind: 'passkey', purpose: 'sign_in', reason: 'clone' };
    this.journal.later(() => this.journal.byProduct('RecordFactorRefusal', account, input, origin));
  }

  /** Keeps in the log that somebody proved who they are. */
  async proved(account: Account, kind: ProofKind, purpose: ProofPurpose, origin: Origin) {
    const left = await this.inTenant(account.tenantId, (db) => recoveryCodesLeft(db, account));
    const codesLeft = kind === 'recovery_code' ? left : null;
    const input = { kind, purpose, codesLeft };
    await this.journal.byPerson('RecordFactorProof', account, input, origin);
  }

  private async hasNone({ tenantId, userId }: Account): Promise<boolean> {
    const all = await this.inTenant(tenantId, (db) => factorsOf(db, tenantId, userId));
    return all.length === 0;
  }

  private async byPassword(
    account: Account,
    password: string,
    purpose: ProofPurpose,
    origin: Origin,
  ): Promise<ProofKind | Refusal> {
    const { tenantId, userId } = account;
    const [factors, hash] = await this.inTenant(tenantId, async (db) => [
      await factorsOf(db, tenantId, userId),
      await passwordHashOf(db, tenantId, userId),
    ]);
    if (factors.length > 0) return factorNeeded;
    return this.guarded(
      account,
      'password',
      purpose,
      origin,
      async () => (await verifyPassword(password, hash)).ok,
    );
  }

  private async useCode(account: Account, typed: string): Promise<boolean> {
    const { tenantId, userId } = account;
    const code = totpCodeOf(typed);
    if (!code) return false;
    const now = this.platform.clock();
    const all = await this.inTenant(tenantId, (db) => factorsOf(db, tenantId, userId));
    for (const factor of all.filter(({ kind }) => kind === 'totp')) {
      const secret = await this.secrets.open(factor, factor.sealed);
      const step = secret === undefined ? undefined : totpStep(secret, code, now);
      if (step === undefined) continue;
      if (await this.inTenant(tenantId, (db) => useFactor(db, factor, step, now))) return true;
    }
    return false;
  }

  private async useRecovery(account: Account, plain: string): Promise<boolean> {
    const hash = await recoveryHash(this.platform.keys, account, plain);
    const now = this.platform.clock();
    return this.inTenant(account.tenantId, (db) => useRecoveryCode(db, account, hash, now));
  }

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.platform.database.tenant(tenantId, work);
  }
}

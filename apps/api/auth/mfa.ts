import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { factorsOf, type Factor, type FactorKind } from '#platform/auth/factors';
import {
  newChallenge,
  openChallenge,
  tenantOfChallenge,
  useChallenge,
  type Challenge,
  type ChallengePurpose,
} from '#platform/auth/factors-challenge';
import { passwordHashOf } from '#platform/auth/credentials';
import type { CreationOptions, PasskeyMade, RequestOptions } from '#platform/auth/passkeys';
import { MIN_PASSWORD, MIN_PASSWORD_WITH_FACTOR } from '#platform/auth/password';
import { recoveryCodesLeft } from '#platform/auth/recovery';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import type { Callers } from '../http/request-context.js';
import { Accounts, type Account, type Holder } from './accounts.js';
import { EmailCodes, noEmailCode, recipientOf } from './email-codes.js';
import type { SignInJournal } from './journal.js';
import { Enrolments, type AddedFactor, type BegunTotp } from './mfa-enrolment.js';
import { FactorProofs, type Proof } from './mfa-proofs.js';
import { Passkeys } from './passkeys.js';
import type { Origin } from './sign-in.js';

/** What a sign-in still needs after the password was right; there is no session yet. */
export interface SecondStep {
  /** To prove a factor, or to add one because the workspace asks for it. */
  readonly step: 'factor' | 'enrolment';
  /** Goes back with the proof; good once, for ten minutes. */
  readonly challenge: string;
  readonly challengeExpiresAt: string;
  /** What can be given, or added. */
  readonly factors: readonly (FactorKind | 'recovery_code' | 'email_code')[];
}

/** What the first factor is added with on the way in. */
export type NewFactor = { readonly code: string } | { readonly passkey: PasskeyMade };

const ended = refusal(
  'CHALLENGE_ENDED',
  'unauthenticated',
  'This sign-in took too long or was completed already; begin again.',
);

/** Whether a workspace asks this person for a second factor at that moment. */
export function isRequired(
  { person, workspace }: Pick<Holder, 'person' | 'workspace'>,
  now: Date,
): boolean {
  if (person.status === 'absent' || workspace.status === 'absent') return false;
  const { requiredRoles, enforcedFrom } = workspace.mfaPolicy;
  if (!requiredRoles.includes(person.role)) return false;
  return enforcedFrom === null || new Date(enforcedFrom) <= now;
}

/** The second step of a sign-in. */
export class SecondFactors {
  readonly passkeys: Passkeys;
  readonly emailCodes: EmailCodes;
  readonly proofs: FactorProofs;
  readonly enrolments: Enrolments;
  private readonly accounts: Accounts;

  constructor(
    private readonly platform: Platform,
    callers: Callers,
    journal: SignInJournal,
    publicUrl: string,
  ) {
    this.passkeys = new Passkeys(platform, publicUrl);
    this.emailCodes = new EmailCodes(platform);
    this.proofs = new FactorProofs(platform, journal, this.passkeys, this.emailCodes);
    this.enrolments = new Enrolments(platform, callers, journal, this.proofs, this.passkeys);
    this.accounts = new Accounts(platform);
  }

  /** What somebody whose password was right has to do before a session begins; mostly nothing. */
  async demand(holder: Holder): Promise<SecondStep | undefined> {
    const { tenantId, userId } = holder;
    const [factors, codes] = await this.inTenant(tenantId, async (db) => [
      await factorsOf(db, tenantId, userId),
      await recoveryCodesLeft(db, holder),
    ]);
    if (factors.length > 0) return this.ask(holder, 'sign_in', kindsOf(factors, codes));
    if (!isRequired(holder, this.platform.clock())) return undefined;
    return recipientOf(holder)
      ? this.ask(holder, 'sign_in', ['email_code'])
      : this.ask(holder, 'enrol', ['totp', 'passkey']);
  }

  /** Whether the session of somebody has to end, because they need a factor by now and have none. */
  async lacking(holder: Holder): Promise<boolean> {
    const { tenantId, userId } = holder;
    if (!isRequired(holder, this.platform.clock()) || recipientOf(holder)) return false;
    return this.inTenant(tenantId, async (db) => {
      if ((await factorsOf(db, tenantId, userId)).length > 0) return false;
      // Whoever has no password signs in elsewhere, where the factor is asked for.
      return (await passwordHashOf(db, tenantId, userId)) !== null;
    });
  }

  /** Fewest characters a new password of somebody has. */
  async minimumPassword(account: Account): Promise<number> {
    const { tenantId, userId } = account;
    const holder = await this.accounts.holder(account);
    if (!isRequired(holder, this.platform.clock())) return MIN_PASSWORD;
    const factors = await this.inTenant(tenantId, (db) => factorsOf(db, tenantId, userId));
    return minimumBeside(true, factors);
  }

  /** Completes a sign-in with a proof: whose it is, or why not. */
  async redeem(token: string, proof: Proof, origin: Origin): Promise<Account | Refusal> {
    const challenge = await this.waiting(token, 'sign_in');
    if (!challenge) return ended;
    const { id } = challenge;
    const proved = await this.proofs.prove(accountOf(challenge), proof, 'sign_in', id, origin);
    return isRefusal(proved) ? (proved as Refusal) : this.close(challenge);
  }

  /** What a passkey is asked with as the second step of a sign-in. */
  async askPasskey(token: string): Promise<RequestOptions | Refusal> {
    const challenge = await this.waiting(token, 'sign_in');
    return challenge ? this.passkeys.ask(accountOf(challenge), challenge.id) : ended;
  }

  /** Sends a code by e-mail to complete a sign-in with. */
  async sendEmailCode(token: string): Promise<Refusal | undefined> {
    const challenge = await this.waiting(token, 'sign_in');
    if (!challenge) return ended;
    const account = accountOf(challenge);
    const { tenantId, userId } = account;
    const has = await this.inTenant(tenantId, (db) => factorsOf(db, tenantId, userId));
    return has.length > 0 ? noEmailCode : this.emailCodes.send(account, challenge.id);
  }

  /** Begins to add the first factor on the way in. */
  async beginEnrolment(token: string): Promise<BegunTotp | Refusal> {
    const challenge = await this.waiting(token, 'enrol');
    if (!challenge) return ended;
    return this.enrolments.beginTotp(accountOf(challenge), 'Authenticator app');
  }

  /** What a browser makes the first factor with on the way in. */
  async offerPasskey(token: string): Promise<CreationOptions | Refusal> {
    const challenge = await this.waiting(token, 'enrol');
    return challenge ? this.enrolments.beginPasskey(accountOf(challenge), challenge.id) : ended;
  }

  /** Completes a sign-in with a new factor: an app's first code, or the passkey that was made. */
  async finishEnrolment(
    token: string,
    given: NewFactor,
    origin: Origin,
  ): Promise<{ readonly account: Account; readonly added: AddedFactor } | Refusal> {
    const challenge = await this.waiting(token, 'enrol');
    if (!challenge) return ended;
    const account = accountOf(challenge);
    const { enrolments } = this;
    const added = await ('passkey' in given
      ? enrolments.addPasskey(account, given.passkey, 'Passkey', { id: challenge.id }, origin)
      : enrolments.confirmTotp(account, given.code, origin));
    if (isRefusal(added)) return added as Refusal;
    const closed = await this.close(challenge);
    return isRefusal(closed) ? closed : { account, added: added as AddedFactor };
  }

  private async waiting(token: string, purpose: ChallengePurpose): Promise<Challenge | undefined> {
    const tenantId = tenantOfChallenge(token);
    if (!tenantId) return undefined;
    const now = this.platform.clock();
    return this.inTenant(tenantId, (db) => openChallenge(db, token, purpose, now));
  }

  private async close(challenge: Challenge): Promise<Account | Refusal> {
    const now = this.platform.clock();
    const used = await this.inTenant(challenge.tenantId, (db) => useChallenge(db, challenge, now));
    return used ? accountOf(challenge) : ended;
  }

  private async ask(
    { tenantId, userId }: Account,
    purpose: 'sign_in' | 'enrol',
    factors: SecondStep['factors'],
  ): Promise<SecondStep> {
    const now = this.platform.clock();
    const { token, expiresAt } = await this.inTenant(tenantId, (db) =>
      newChallenge(db, { tenantId, userId, purpose }, now),
    );
    const step = purpose === 'enrol' ? 'enrolment' : 'factor';
    return { step, challenge: token, challengeExpiresAt: expiresAt.toISOString(), factors };
  }

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.platform.database.tenant(tenantId, work);
  }
}

/** Fewest characters of a password: fewer beside a factor that its holder has to have. */
export function minimumBeside(isRequired: boolean, factors: readonly Factor[]): number {
  return isRequired && factors.length > 0 ? MIN_PASSWORD_WITH_FACTOR : MIN_PASSWORD;
}

/** What somebody with these factors can prove who they are with. */
export function kindsOf(factors: readonly Factor[], codesLeft: number): SecondStep['factors'] {
  const kinds = new Set<SecondStep['factors'][number]>(factors.map(({ kind }) => kind));
  if (codesLeft > 0) kinds.add('recovery_code');
  return [...kinds];
}

const accountOf = ({ tenantId, userId }: Challenge): Account => ({ tenantId, userId });

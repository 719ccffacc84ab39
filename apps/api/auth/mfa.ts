import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { factorsOf, type FactorKind } from '#platform/auth/factors';
import {
  newChallenge,
  openChallenge,
  tenantOfChallenge,
  useChallenge,
  type Challenge,
  type ChallengePurpose,
} from '#platform/auth/factors-challenge';
import { passwordHashOf } from '#platform/auth/credentials';
import { recoveryCodesLeft } from '#platform/auth/recovery';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import type { Callers } from '../http/request-context.js';
import { Accounts, type Account, type Person, type Workspace } from './accounts.js';
import type { SignInJournal } from './journal.js';
import { Enrolments, type AddedFactor, type BegunTotp } from './mfa-enrolment.js';
import { FactorProofs, type Proof } from './mfa-proofs.js';
import type { Origin } from './sign-in.js';

/** What a sign-in still needs after the password was right; there is no session yet. */
export interface SecondStep {
  /** To prove a factor, or to add one because the workspace asks for it. */
  readonly step: 'factor' | 'enrolment';
  /** Goes back with the proof; good once, for ten minutes. */
  readonly challenge: string;
  readonly challengeExpiresAt: string;
  /** What can be given, or added. */
  readonly factors: readonly (FactorKind | 'recovery_code')[];
}

const ended = refusal(
  'CHALLENGE_ENDED',
  'unauthenticated',
  'This sign-in took too long or was completed already; begin again.',
);

/** Whether a workspace asks this person for a second factor at that moment. */
export function isRequired(person: Person, workspace: Workspace, now: Date): boolean {
  const { requiredRoles, enforcedFrom } = workspace.mfaPolicy;
  if (!requiredRoles.includes(person.role)) return false;
  return enforcedFrom === null || new Date(enforcedFrom) <= now;
}

/** The second step of a sign-in. */
export class SecondFactors {
  readonly proofs: FactorProofs;
  readonly enrolments: Enrolments;
  private readonly accounts: Accounts;

  constructor(
    private readonly platform: Platform,
    callers: Callers,
    journal: SignInJournal,
  ) {
    this.proofs = new FactorProofs(platform, journal);
    this.enrolments = new Enrolments(platform, callers, journal, this.proofs);
    this.accounts = new Accounts(platform);
  }

  /** What somebody whose password was right has to do before a session begins; mostly nothing. */
  async demand(account: Account): Promise<SecondStep | undefined> {
    const { tenantId, userId } = account;
    const [factors, codes] = await this.inTenant(tenantId, async (db) => [
      await factorsOf(db, tenantId, userId),
      await recoveryCodesLeft(db, account),
    ]);
    if (factors.length > 0) {
      const kinds = [...new Set(factors.map(({ kind }) => kind))];
      return this.ask(account, 'sign_in', [...kinds, ...(codes > 0 ? CODES : [])]);
    }
    return (await this.required(account)) ? this.ask(account, 'enrol', ['totp']) : undefined;
  }

  /** Whether the session of somebody has to end, because they need a factor by now and have none. */
  async lacking(account: Account): Promise<boolean> {
    const { tenantId, userId } = account;
    if (!(await this.required(account))) return false;
    return this.inTenant(tenantId, async (db) => {
      if ((await factorsOf(db, tenantId, userId)).length > 0) return false;
      // Whoever has no password signs in elsewhere, where the factor is asked for.
      return (await passwordHashOf(db, tenantId, userId)) !== null;
    });
  }

  /** Completes a sign-in with a proof: whose it is, or why not. */
  async redeem(token: string, proof: Proof, origin: Origin): Promise<Account | Refusal> {
    const challenge = await this.waiting(token, 'sign_in');
    if (!challenge) return ended;
    const proved = await this.proofs.prove(accountOf(challenge), proof, 'sign_in', origin);
    return isRefusal(proved) ? (proved as Refusal) : this.close(challenge);
  }

  /** Begins to add the first factor on the way in. */
  async beginEnrolment(token: string): Promise<BegunTotp | Refusal> {
    const challenge = await this.waiting(token, 'enrol');
    if (!challenge) return ended;
    return this.enrolments.beginTotp(accountOf(challenge), 'Authenticator app');
  }

  /** Completes a sign-in with the first code of a new factor. */
  async finishEnrolment(
    token: string,
    code: string,
    origin: Origin,
  ): Promise<{ readonly account: Account; readonly added: AddedFactor } | Refusal> {
    const challenge = await this.waiting(token, 'enrol');
    if (!challenge) return ended;
    const added = await this.enrolments.confirmTotp(accountOf(challenge), code, origin);
    if (isRefusal(added)) return added as Refusal;
    const account = await this.close(challenge);
    return isRefusal(account) ? account : { account, added: added as AddedFactor };
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
    account: Account,
    purpose: 'sign_in' | 'enrol',
    factors: SecondStep['factors'],
  ): Promise<SecondStep> {
    const now = this.platform.clock();
    const { token, expiresAt } = await this.inTenant(account.tenantId, (db) =>
      newChallenge(db, { ...account, purpose }, now),
    );
    const step = purpose === 'enrol' ? 'enrolment' : 'factor';
    return { step, challenge: token, challengeExpiresAt: expiresAt.toISOString(), factors };
  }

  private async required(account: Account): Promise<boolean> {
    const workspace = await this.accounts.workspace(account.tenantId);
    // Mostly nobody is asked, and then there is no need to know who it is.
    if (workspace.status === 'absent' || workspace.mfaPolicy.requiredRoles.length === 0) {
      return false;
    }
    const person = await this.accounts.person(account);
    return person.status !== 'absent' && isRequired(person, workspace, this.platform.clock());
  }

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.platform.database.tenant(tenantId, work);
  }
}

const CODES = ['recovery_code'] as const;
const accountOf = ({ tenantId, userId }: Challenge): Account => ({ tenantId, userId });

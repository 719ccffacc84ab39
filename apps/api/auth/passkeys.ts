import { PLATFORM_TENANT } from '#kernel/ids';
import type { ProofRefusal } from '#event-schemas/identity/user-factors.events';
import { factorsOf, FactorSecrets, findPasskey, useFactor } from '#platform/auth/factors';
import {
  newChallenge,
  openChallenge,
  tenantOfChallenge,
  useChallenge,
  type ChallengePurpose,
} from '#platform/auth/factors-challenge';
import {
  challengeOf,
  creationOptions,
  credentialHash,
  relyingParty,
  requestOptions,
  verifyAnswer,
  verifyMade,
  type CreationOptions,
  type PasskeyAnswer,
  type PasskeyMade,
  type PasskeyParts,
  type RelyingParty,
  type RequestOptions,
} from '#platform/auth/passkeys';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import type { Account } from './accounts.js';

/** Whoever it turns out to be: nobody is known before the passkey says it. */
const ANYBODY: Account = { tenantId: PLATFORM_TENANT, userId: PLATFORM_TENANT };

/**
 * Asks passkeys and checks what they answer. A challenge is good once, for ten minutes, and only
 * where it was asked for: in one session, in one sign-in, or before one.
 */
export class Passkeys {
  private readonly party: RelyingParty;
  private readonly secrets: FactorSecrets;

  constructor(
    private readonly platform: Platform,
    publicUrl: string,
  ) {
    this.party = relyingParty(publicUrl);
    this.secrets = new FactorSecrets(platform.keys);
  }

  /** What a person's browser asks one of their passkeys with; `place`: session or sign-in. */
  async ask(account: Account, place: string): Promise<RequestOptions> {
    const known = await this.known(account);
    return requestOptions(this.party, await this.challenge(account, `passkey:${place}`), known);
  }

  /** What a browser asks any passkey of this site with. */
  async askAnybody(): Promise<RequestOptions> {
    return requestOptions(this.party, await this.challenge(ANYBODY, 'passkey'));
  }

  /** What a browser makes a new passkey with; `place`: session or sign-in. */
  async offer(
    account: Account,
    shown: { readonly userName: string; readonly displayName: string },
    place: string,
  ): Promise<CreationOptions> {
    const known = await this.known(account);
    const challenge = await this.challenge(account, `new_passkey:${place}`);
    return creationOptions(this.party, account, shown, challenge, known);
  }

  /** A passkey that was made for an offer at this place; undefined for everything else. */
  async made(account: Account, made: PasskeyMade, place: string) {
    const challenge = await this.spend(made, account, `new_passkey:${place}`);
    return challenge === undefined ? undefined : verifyMade(this.party, made, challenge);
  }

  /** Whether a passkey of the person answers, and if not, why. */
  check(account: Account, answer: PasskeyAnswer, place: string): Promise<true | ProofRefusal> {
    return this.checkAs(account, account, `passkey:${place}`, answer);
  }

  /** The same where anybody was asked; the account is the one the passkey says. */
  checkAnybody(account: Account, answer: PasskeyAnswer): Promise<true | ProofRefusal> {
    return this.checkAs(account, ANYBODY, 'passkey', answer);
  }

  private async checkAs(
    { tenantId, userId }: Account,
    asked: Account,
    purpose: ChallengePurpose,
    answer: PasskeyAnswer,
  ): Promise<true | ProofRefusal> {
    // Used up first, whatever comes of it.
    const challenge = await this.spend(answer, asked, purpose);
    if (challenge === undefined) return 'wrong';
    const hash = credentialHash(answer.id);
    const factor = await this.inTenant(tenantId, (db) => findPasskey(db, tenantId, hash));
    if (factor?.userId !== userId) return 'wrong';
    const sealed = await this.secrets.open(factor, factor.sealed);
    if (sealed === undefined) return 'wrong';
    const parts = JSON.parse(sealed) as PasskeyParts;
    const counter = await verifyAnswer(this.party, answer, challenge, parts);
    if (counter === undefined) return 'wrong';
    const now = this.platform.clock();
    const used = await this.inTenant(tenantId, (db) => useFactor(db, factor, counter, now));
    return used || 'clone';
  }

  private async known({ tenantId, userId }: Account): Promise<readonly PasskeyParts[]> {
    const all = await this.inTenant(tenantId, (db) => factorsOf(db, tenantId, userId));
    const passkeys = all.filter(({ kind }) => kind === 'passkey');
    const opened = await Promise.all(passkeys.map((one) => this.secrets.open(one, one.sealed)));
    return opened.flatMap((text) => (text ? [JSON.parse(text) as PasskeyParts] : []));
  }

  private async challenge(account: Account, purpose: ChallengePurpose): Promise<string> {
    const now = this.platform.clock();
    const { token } = await this.inTenant(account.tenantId, (db) =>
      newChallenge(db, { ...account, purpose }, now),
    );
    return token;
  }

  /** The challenge an answer was signed for, which is used up with it. */
  private async spend(
    answer: PasskeyAnswer | PasskeyMade,
    { tenantId, userId }: Account,
    purpose: ChallengePurpose,
  ): Promise<string | undefined> {
    const token = challengeOf(answer);
    if (!token || tenantOfChallenge(token) !== tenantId) return undefined;
    const now = this.platform.clock();
    const used = await this.inTenant(tenantId, async (db) => {
      const open = await openChallenge(db, token, purpose, now);
      return open?.userId === userId && useChallenge(db, open, now);
    });
    return used ? token : undefined;
  }

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.platform.database.tenant(tenantId, work);
  }
}

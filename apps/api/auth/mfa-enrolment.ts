import { uuidv7 } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import {
  addFactor,
  confirmFactor,
  factorsOf,
  FactorSecrets,
  findPasskey,
  lockFactors,
  MAX_FACTORS,
  noteProof,
  type Factor,
} from '#platform/auth/factors';
import { credentialHash, type CreationOptions, type PasskeyMade } from '#platform/auth/passkeys';
import {
  newRecoveryCodes,
  recoveryCodeOf,
  recoveryHash,
  replaceRecoveryCodes,
} from '#platform/auth/recovery';
import { endSessionsOf } from '#platform/auth/sessions';
import { newTotpSecret, totpCodeOf, totpStep, totpUri } from '#platform/auth/totp';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import type { Callers } from '../http/request-context.js';
import { Accounts, type Account } from './accounts.js';
import type { SignInJournal } from './journal.js';
import type { FactorProofs } from './mfa-proofs.js';
import type { Passkeys } from './passkeys.js';
import type { Origin } from './sign-in.js';

/** What an authenticator app needs; shown this once. */
export interface BegunTotp {
  readonly factorId: string;
  /** Base32, for typing it. */
  readonly secret: string;
  /** `otpauth://…`, mostly shown as a QR code. */
  readonly uri: string;
}

/** A factor that counts from now on, and codes for the day it is lost; shown this once. */
export interface AddedFactor {
  readonly factorId: string;
  /** With the first factor only. */
  readonly recoveryCodes: readonly string[] | null;
}

export const noSuchFactor = refusal('NOT_FOUND', 'missing', 'There is no such factor.');
const tooMany = refusal(
  'TOO_MANY_FACTORS',
  'rule',
  `A person has at most ${MAX_FACTORS} factors; remove one first.`,
);
const nobody = refusal('NOT_FOUND', 'missing', 'There is no such person in this workspace.');

const notMade = refusal('PASSKEY_REFUSED', 'rule', 'The passkey could not be added.', [
  {
    field: 'passkey',
    rule: 'passkey',
    message: 'It was made for another session or site, too long ago, or is there already.',
    remedy: 'Begin again: ask for new options, and make a passkey with them.',
  },
]);

/** Adds second factors to accounts, whoever asks: a signed-in person, or one who has to have one. */
export class Enrolments {
  private readonly accounts: Accounts;
  private readonly secrets: FactorSecrets;

  constructor(
    private readonly platform: Platform,
    private readonly callers: Callers,
    private readonly journal: SignInJournal,
    private readonly proofs: FactorProofs,
    private readonly passkeys: Passkeys,
  ) {
    this.accounts = new Accounts(platform);
    this.secrets = new FactorSecrets(platform.keys);
  }

  /** A new secret for an authenticator app; it counts once a code of it was given. */
  async beginTotp(account: Account, name: string): Promise<BegunTotp | Refusal> {
    const { tenantId, userId } = account;
    const [person, workspace, known] = await Promise.all([
      this.accounts.person(account),
      this.accounts.workspace(tenantId),
      this.inTenant(tenantId, (db) => factorsOf(db, tenantId, userId)),
    ]);
    if (person.status === 'absent' || workspace.status === 'absent') return nobody;
    if (known.length >= MAX_FACTORS) return tooMany;
    const factorId = uuidv7(this.platform.clock().getTime());
    const secret = newTotpSecret();
    const ref = { tenantId, userId, id: factorId };
    const sealed = await this.secrets.seal(ref, secret);
    const factor = { ...ref, kind: 'totp', name, sealed } as const;
    const now = this.platform.clock();
    await this.inTenant(tenantId, (db) => addFactor(db, factor, now));
    const label = person.values.email ?? person.values.firstName;
    const uri = totpUri(secret, `ClientForge ${workspace.values.slug}`, label);
    return { factorId, secret, uri };
  }

  /** Confirms the app's secret with a code of it; other sessions of the person end. */
  async confirmTotp(
    account: Account,
    code: string,
    origin: Origin,
    sessionId?: string,
  ): Promise<AddedFactor | Refusal> {
    const { tenantId, userId } = account;
    const pending = await this.inTenant(tenantId, (db) =>
      factorsOf(db, tenantId, userId, { pending: true }),
    );
    const factor = pending.find(({ kind }) => kind === 'totp');
    if (!factor) return noSuchFactor;
    const now = this.platform.clock();
    let codes: readonly string[] | null = null;
    const check = async () => {
      const plain = totpCodeOf(code);
      const secret = await this.secrets.open(factor, factor.sealed);
      const step = plain && secret ? totpStep(secret, plain, now) : undefined;
      if (step === undefined) return false;
      const added = await this.admit(factor, sessionId, (db) =>
        confirmFactor(db, factor, step, now),
      );
      if (added) codes = added.codes;
      return added !== undefined;
    };
    const purpose = sessionId ? 'step_up' : 'sign_in';
    const proved = await this.proofs.guarded(account, 'totp', purpose, origin, check);
    if (isRefusal(proved)) return proved as Refusal;
    return this.added(factor, codes, origin);
  }

  /** What a browser makes a new passkey with; `place`: the session, or the sign-in. */
  async beginPasskey(account: Account, place: string): Promise<CreationOptions | Refusal> {
    const { tenantId, userId } = account;
    const [person, known] = await Promise.all([
      this.accounts.person(account),
      this.inTenant(tenantId, (db) => factorsOf(db, tenantId, userId)),
    ]);
    if (person.status === 'absent') return nobody;
    if (known.length >= MAX_FACTORS) return tooMany;
    const { firstName, lastName, email } = person.values;
    const displayName = `${firstName} ${lastName}`.trim();
    const shown = { userName: email ?? displayName, displayName };
    return this.passkeys.offer(account, shown, place);
  }

  /** Adds the passkey that was made where it was offered; other sessions of the person end. */
  async addPasskey(
    account: Account,
    made: PasskeyMade,
    name: string,
    place: { readonly id: string; readonly isSession?: true },
    origin: Origin,
  ): Promise<AddedFactor | Refusal> {
    const passkey = await this.passkeys.made(account, made, place.id);
    if (!passkey) return notMade;
    const now = this.platform.clock();
    const ref = { ...account, id: uuidv7(now.getTime()) };
    const credential = credentialHash(passkey.parts.credentialId);
    const sealed = await this.secrets.seal(ref, JSON.stringify(passkey.parts));
    const { counter } = passkey;
    const factor = { ...ref, kind: 'passkey', name, sealed, credential, counter } as const;
    const sessionId = place.isSession ? place.id : undefined;
    const added = await this.admit(ref, sessionId, async (db) => {
      if (await findPasskey(db, account.tenantId, credential)) return false;
      await addFactor(db, factor, now, true);
      return true;
    });
    return added ? this.added(factor, added.codes, origin) : notMade;
  }

  /**
   * Lets a factor count from now on: with the first one come recovery codes; other sessions end in
   * the same transaction, because somebody else may have opened them.
   */
  async admit(
    { tenantId, userId, id }: Pick<Factor, 'tenantId' | 'userId' | 'id'>,
    sessionId: string | undefined,
    confirm: (db: Queryable) => Promise<boolean>,
  ): Promise<{ readonly codes: readonly string[] | null } | undefined> {
    const whose = { tenantId, userId };
    const codes = newRecoveryCodes();
    const hashes = await this.hashesOf(whose, codes);
    const now = this.platform.clock();
    const done = await this.inTenant(tenantId, async (db) => {
      await lockFactors(db, whose);
      const others = (await factorsOf(db, tenantId, userId)).filter((one) => one.id !== id);
      // A sign-in adds the first factor alone: whoever has one by now has to prove it.
      if (!sessionId && others.length > 0) return undefined;
      if (!(await confirm(db))) return undefined;
      const first = others.length === 0;
      if (first) await replaceRecoveryCodes(db, whose, hashes);
      if (sessionId) await noteProof(db, { ...whose, sessionId }, now);
      await endSessionsOf(db, tenantId, userId, now, {
        ...(sessionId ? { exceptSessionId: sessionId } : {}),
      });
      return { codes: first ? codes : null };
    });
    this.callers.forget(tenantId);
    return done;
  }

  /** Keeps in the log that there is a factor more. */
  async added(
    { tenantId, userId, id: factorId, kind }: Pick<Factor, 'tenantId' | 'userId' | 'id' | 'kind'>,
    recoveryCodes: readonly string[] | null,
    origin: Origin,
  ): Promise<AddedFactor> {
    const account = { tenantId, userId };
    await this.journal.byPerson('RecordFactorAdded', account, { factorId, kind }, origin);
    if (recoveryCodes) await this.issued(account, recoveryCodes.length, origin);
    return { factorId, recoveryCodes };
  }

  /** New recovery codes in place of those before. */
  async newCodes(account: Account, origin: Origin): Promise<readonly string[]> {
    const codes = newRecoveryCodes();
    const hashes = await this.hashesOf(account, codes);
    await this.inTenant(account.tenantId, (db) => replaceRecoveryCodes(db, account, hashes));
    await this.issued(account, codes.length, origin);
    return codes;
  }

  private issued(account: Account, count: number, origin: Origin) {
    return this.journal.byPerson('RecordRecoveryCodes', account, { count }, origin);
  }

  private hashesOf(account: Account, codes: readonly string[]): Promise<string[]> {
    const { keys } = this.platform;
    return Promise.all(codes.map((one) => recoveryHash(keys, account, recoveryCodeOf(one)!)));
  }

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.platform.database.tenant(tenantId, work);
  }
}

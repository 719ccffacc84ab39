import { PLATFORM_TENANT } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { emailKey } from '#event-schemas/identity/user.events';
import { attemptKeys, clearAttempts, takeAttempt, type AttemptKey } from '#platform/auth/attempts';
import { passwordHashOf, setPasswordHash } from '#platform/auth/credentials';
import { factorsOf } from '#platform/auth/factors';
import {
  findToken,
  readOneTimeToken,
  revokeTokens,
  tokensSince,
  useToken,
  type TokenPlace,
} from '#platform/auth/one-time-tokens';
import { hashPassword, verifyPassword } from '#platform/auth/password';
import { endSessionsOf, startSession } from '#platform/auth/sessions';
import type { Queryable } from '#platform/postgres/database';
import type { Caller } from '../http/request-context.js';
import type { Account, Person } from './accounts.js';
import {
  afterLog,
  knownOf,
  linkVoid,
  recordOf,
  weakPassword,
  type AccountParts,
} from './account-services.js';
import { stepUpProblem } from './mfa-step-up.js';
import type { Origin, SignedIn } from './sign-in.js';

/** Links to a new password that one person is sent in an hour. */
const LINKS_AN_HOUR = 5;
const HOUR_MS = 3_600_000;

const wrongPassword = refusal('WRONG_PASSWORD', 'rule', 'The present password is another one.', [
  {
    field: 'currentPassword',
    rule: 'password',
    message: 'currentPassword is not the present password.',
    remedy: 'Type it again, or ask for a link to choose a new one.',
  },
]);
const locked = refusal(
  'TOO_MANY_ATTEMPTS',
  'limit',
  'There were too many attempts from here; try again in 15 minutes.',
);

/** With a new password all ends that somebody with the former one may have begun. */
async function replacePassword(
  db: Queryable,
  { tenantId, userId }: Account,
  hash: string,
  now: Date,
): Promise<void> {
  await setPasswordHash(db, tenantId, userId, hash, now);
  await endSessionsOf(db, tenantId, userId, now);
  for (const purpose of ['email-change', 'password-reset'] as const) {
    await revokeTokens(db, { tenantId, purpose, subjectId: userId }, now);
  }
}

/** Choosing a new password: by a link for those who forgot theirs, or with the present one. */
export class Passwords {
  private readonly keyOf: ReturnType<typeof attemptKeys>;

  constructor(private readonly parts: AccountParts) {
    this.keyOf = attemptKeys(parts.platform.options.masterKey);
  }

  /**
   * Sends a link to whoever has this address. Everything is done after the answer, which is the
   * same for everybody, so neither it nor its time tells whether the address is known.
   */
  request(email: string, workspace: string | undefined, origin: Origin): void {
    this.parts.rate.check(origin);
    this.parts.signIn.journal.later(() => this.sendLinks(email, workspace, origin));
  }

  private async sendLinks(email: string, workspace: string | undefined, origin: Origin) {
    const { accounts } = this.parts;
    const tenantId = workspace ? await accounts.tenantOf(workspace) : undefined;
    const found = workspace && !tenantId ? [] : await accounts.find(email, tenantId);
    for (const account of found) await this.sendLink(account, origin);
  }

  private async sendLink(account: Account, origin: Origin): Promise<void> {
    const { platform, accounts } = this.parts;
    const { tenantId, userId } = account;
    if ((await accounts.person(account)).status !== 'active') return;
    const since = new Date(platform.clock().getTime() - HOUR_MS);
    const purpose = { tenantId, purpose: 'password-reset', subjectId: userId } as const;
    const sent = await platform.database.tenant(tenantId, (db) => tokensSince(db, purpose, since));
    // Nobody's mailbox is filled by others.
    if (sent >= LINKS_AN_HOUR) return;
    const system = { type: 'system', id: 'sign-in' } as const;
    await recordOf(platform, account, 'RequestPasswordReset', {}, origin, system);
  }

  /** Sets a new password by a link; all sessions end, and a second factor is still asked for. */
  async reset(token: string, password: string, origin: Origin): Promise<Refusal | undefined> {
    this.parts.rate.check(origin);
    const place = readOneTimeToken(token);
    if (!place) return linkVoid;
    const person = await this.holder(place);
    if (!person) return linkVoid;
    const account = { tenantId: place.tenantId, userId: person.id };
    const weak = await this.weak(password, account, person);
    if (weak) return weak;
    const hash = await hashPassword(password);
    const { platform, callers } = this.parts;
    const { tenantId } = place;
    const used = await platform.database.tenant(tenantId, async (db) => {
      const now = platform.clock();
      const holder = await useToken(db, place, 'password-reset', now);
      if (holder) await replacePassword(db, account, hash, now);
      return holder;
    });
    if (!used) return linkVoid;
    callers.forget(tenantId);
    const done = await recordOf(
      platform,
      account,
      'RecordPasswordChange',
      { how: 'reset', sessionsEnded: true },
      origin,
    );
    return isRefusal(done) ? done : undefined;
  }

  /** Sets one's own new password; other sessions end, and this one goes on under a new id. */
  async change(
    caller: Caller,
    { currentPassword, password }: { currentPassword: string; password: string },
    origin: Origin,
  ): Promise<SignedIn | Refusal> {
    const { platform, accounts, callers, signIn } = this.parts;
    const { tenantId } = caller;
    const account = { tenantId, userId: caller.actor.id };
    const person = (await accounts.person(account)) as Person;
    const unproven = await this.unproven(caller, account);
    if (unproven) return unproven;
    const wrong = await this.check(account, currentPassword, origin);
    if (wrong) return wrong;
    const weak = await this.weak(password, account, person);
    if (weak) return weak;
    const hash = await hashPassword(password);
    await platform.database.tenant(tenantId, (db) =>
      replacePassword(db, account, hash, platform.clock()),
    );
    callers.forget(tenantId);
    const input = { how: 'own', sessionsEnded: true };
    const recorded = await recordOf(platform, account, 'RecordPasswordChange', input, origin);
    if (isRefusal(recorded)) return recorded;
    const session = await platform.database.tenant(tenantId, async (db) =>
      startSession(
        db,
        { ...account, client: origin },
        await afterLog(db, platform.clock),
        signIn.sessions.refreshDays,
      ),
    );
    return signIn.sessions.answer(session);
  }

  /**
   * The session after it counts as just proven, which the password alone must not buy from somebody
   * who has a second factor.
   */
  private async unproven(caller: Caller, { tenantId, userId }: Account) {
    const { platform } = this.parts;
    const factors = await platform.database.tenant(tenantId, (db) =>
      factorsOf(db, tenantId, userId),
    );
    return factors.length > 0 ? stepUpProblem(platform, caller) : undefined;
  }

  /** The present password, guessed no more often than at sign-in. */
  private async check(
    { tenantId, userId }: Account,
    password: string,
    { ip }: Origin,
  ): Promise<Refusal | undefined> {
    const { database, clock } = this.parts.platform;
    const key: AttemptKey = this.keyOf(tenantId, `own-password:${userId}`, ip);
    const attempt = await database.tenant(tenantId, (db) => takeAttempt(db, key, clock()));
    if (!attempt.allowed) return locked;
    const stored = await database.tenant(tenantId, (db) => passwordHashOf(db, tenantId, userId));
    const { ok } = await verifyPassword(password, stored);
    if (!ok) return wrongPassword;
    await database.tenant(tenantId, (db) => clearAttempts(db, key));
    return undefined;
  }

  /** The active person a link to a new password belongs to. */
  private async holder(place: TokenPlace): Promise<Person | undefined> {
    const { platform, accounts } = this.parts;
    const { tenantId } = place;
    if (tenantId === PLATFORM_TENANT) return undefined;
    const holder = await platform.database.tenant(tenantId, (db) =>
      findToken(db, place, 'password-reset', platform.clock()),
    );
    if (!holder?.detail) return undefined;
    const { subjectId, detail } = holder;
    const [person, sentTo] = await Promise.all([
      accounts.person({ tenantId, userId: subjectId }),
      platform.keys.openForTenant(tenantId, detail, `link:${subjectId}`),
    ]);
    if (person.status !== 'active') return undefined;
    // Whoever reads a former address of theirs is perhaps why it was replaced.
    return emailKey(person.values.email ?? '') === emailKey(sentTo) ? person : undefined;
  }

  /** Why a new password is refused; fewer characters do beside a second factor that is enforced. */
  private async weak(password: string, account: Account, person: Person) {
    const minimum = await this.parts.signIn.factors.minimumPassword(account);
    const about = await this.about(account, person);
    return weakPassword(this.parts.platform, account.tenantId, password, about, minimum);
  }

  private async about({ tenantId }: Account, person: Person): Promise<readonly string[]> {
    const workspace = await this.parts.accounts.workspace(tenantId);
    const names =
      workspace.status === 'absent' ? [] : [workspace.values.name, workspace.values.slug];
    return knownOf(person, names);
  }
}

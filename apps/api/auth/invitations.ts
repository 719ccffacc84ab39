import type { Aggregate } from '#kernel/aggregate';
import type { Accepted, CommandResult } from '#kernel/command';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { invitation, type InvitationState } from '#identity/invitation/invitation';
import { setPasswordHash } from '#platform/auth/credentials';
import {
  findToken,
  readOneTimeToken,
  useToken,
  type TokenPlace,
} from '#platform/auth/one-time-tokens';
import { hashPassword } from '#platform/auth/password';
import { systemContext } from '#platform/platform';
import { linkVoid, recordOf, weakPassword, type AccountParts } from './account-services.js';
import type { Account, Workspace } from './accounts.js';
import type { SecondStep } from './mfa.js';
import type { Origin, SignedIn } from './sign-in.js';

/** How somebody introduces themselves on accepting. */
export interface Acceptance {
  readonly token: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password: string;
}

/** What the page that accepts an invitation shows. */
export interface InvitationShown {
  readonly workspace: { readonly name: string; readonly slug: string };
  readonly email: string;
  readonly role: string;
  readonly expiresAt: string;
  /** Of somebody who owned records before they were invited. */
  readonly firstName: string | null;
  readonly lastName: string | null;
}

type Open = Extract<InvitationState, { status: 'pending' | 'accepted' | 'revoked' }>;

interface Found {
  readonly place: TokenPlace;
  readonly account: Account;
  readonly invited: Open;
  readonly workspace: Workspace;
}

const ROW_WAIT_MS = 500;
const refusedOf = (result: CommandResult) => (isRefusal(result) ? result : undefined);
const alreadyActive = refusal('ALREADY_ACTIVE', 'rule', 'The account is in use already; sign in.');

/** Accepting an invitation by the link that was sent. */
export class Invitations {
  constructor(private readonly parts: AccountParts) {}

  /** What a link invites to; the link stays good. */
  async shown(token: string, origin: Origin): Promise<InvitationShown | Refusal> {
    this.parts.rate.check(origin);
    const found = await this.find(token);
    if (!found) return linkVoid;
    const { account, invited, workspace } = found;
    const person = await this.parts.accounts.person(account);
    const known = person.status === 'absent' ? null : person.values;
    return {
      workspace: { name: workspace.values.name, slug: workspace.values.slug },
      email: invited.email,
      role: invited.role,
      expiresAt: invited.expiresAt,
      firstName: known?.firstName ?? null,
      lastName: known?.lastName ?? null,
    };
  }

  /**
   * Makes the person, sets their password, lets them into their teams and signs them in. The link
   * is used up together with the password; what was cut short is completed by a link sent anew.
   */
  async accept(given: Acceptance, origin: Origin): Promise<SignedIn | SecondStep | Refusal> {
    this.parts.rate.check(origin);
    const found = await this.find(given.token);
    if (!found) return linkVoid;
    const { place, account, invited, workspace } = found;
    const { tenantId, userId } = account;
    const { name, slug } = workspace.values;
    const { firstName, lastName, password } = given;
    const about = [firstName, lastName, ...invited.email.split(/[@.]/), name, slug];
    const weak = await weakPassword(this.parts.platform, tenantId, password, about);
    if (weak) return weak;
    const refused = await this.makePerson(found, given);
    if (refused) return refused;
    const hash = await hashPassword(password);
    const { platform, callers, signIn } = this.parts;
    const used = await platform.database.tenant(tenantId, async (db) => {
      const now = platform.clock();
      const holder = await useToken(db, place, 'invitation', now);
      if (holder) await setPasswordHash(db, tenantId, userId, hash, now);
      return holder;
    });
    if (!used) return linkVoid;
    const problem = await this.letIn(found, origin);
    callers.forget(tenantId);
    return problem ?? signIn.begin(account, origin);
  }

  /** The person under the id of the invitation: new, or one who owned records before. */
  private async makePerson(
    { account, invited }: Found,
    { firstName, lastName }: Acceptance,
  ): Promise<Refusal | undefined> {
    const { platform, accounts } = this.parts;
    const { tenantId, userId: id } = account;
    const ctx = systemContext(tenantId, 'invitations');
    const person = await accounts.person(account);
    if (person.status === 'active') return alreadyActive;
    if (person.status === 'deactivated') return linkVoid;
    const values = { firstName, lastName, email: invited.email };
    const done =
      person.status === 'absent'
        ? await platform.dispatch(
            'CreateUser',
            { ...values, role: invited.role, status: 'invited' },
            ctx,
            { id },
          )
        : await platform.dispatch('ChangeUser', values, ctx, { id });
    return isRefusal(done) ? done : undefined;
  }

  /** Everything that makes the person one of the workspace; each step may be repeated. */
  private async letIn({ account, invited }: Found, origin: Origin): Promise<Refusal | undefined> {
    const { platform } = this.parts;
    const { tenantId, userId } = account;
    const record = (command: string, input: object) =>
      recordOf(platform, account, command, input, origin);
    const ctx = systemContext(tenantId, 'invitations');
    for (const teamId of invited.teamIds) {
      // A team that was archived since keeps nobody out.
      await platform.dispatch('AddTeamMember', { userId }, ctx, { id: teamId });
    }
    const verified = { email: invited.email };
    const first = { how: 'first', sessionsEnded: false };
    const refused =
      refusedOf(await record('RecordEmailVerification', verified)) ??
      refusedOf(await record('RecordPasswordChange', first));
    if (refused) return refused;
    const active = await platform.dispatch('ActivateUser', {}, ctx, { id: userId });
    if (isRefusal(active)) return active;
    const accepted = await record('AcceptInvitation', {});
    // The first page they see names them.
    const { position } = active as Accepted;
    await platform.positions.wait('users', position, ROW_WAIT_MS);
    return refusedOf(accepted);
  }

  private async find(token: string): Promise<Found | undefined> {
    const { platform, accounts } = this.parts;
    const place = readOneTimeToken(token);
    if (!place) return undefined;
    const { tenantId } = place;
    const holder = await platform.database.tenant(tenantId, (db) =>
      findToken(db, place, 'invitation', platform.clock()),
    );
    if (!holder) return undefined;
    const userId = holder.subjectId;
    const [state, workspace] = await Promise.all([
      platform.facts.state(tenantId, invitation as Aggregate, userId) as Promise<InvitationState>,
      accounts.workspace(tenantId),
    ]);
    const open = state.status === 'pending' && workspace.status === 'active';
    return open ? { place, account: { tenantId, userId }, invited: state, workspace } : undefined;
  }
}

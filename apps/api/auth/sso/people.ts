import type { Actor } from '#kernel/context';
import { hashId } from '#kernel/ids';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { emailKey, type UserRole } from '#event-schemas/identity/user.events';
import type { IdentityProviderValues } from '#event-schemas/identity/identity-provider.events';
import { identityKey } from '#identity/identity-provider/link-identity';
import type { Platform } from '#platform/platform';
import { Accounts, type Account } from '../accounts.js';
import { originContext } from '../origin-context.js';
import type { Origin } from '../sign-in.js';
import { SsoProblem, type Identity } from './problem.js';
import { domainOf, type Provider } from './providers.js';

/** Names attributes usually have, where a provider names none of its own. */
const USUAL = {
  email: [
    'email',
    'mail',
    'urn:oid:0.9.2342.19200300.100.1.3',
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  ],
  firstName: [
    'firstName',
    'given_name',
    'givenName',
    'urn:oid:2.5.4.42',
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname',
  ],
  lastName: [
    'lastName',
    'family_name',
    'sn',
    'surname',
    'urn:oid:2.5.4.4',
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname',
  ],
  groups: ['groups', 'memberOf', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups'],
} as const;

/** What an identity says about a person, in our terms. */
export interface Described {
  readonly email: string | undefined;
  readonly firstName: string | undefined;
  readonly lastName: string | undefined;
  readonly groups: readonly string[];
  /** The role its groups give; undefined where no mapped group is among them. */
  readonly role: UserRole | undefined;
}

const isAddress = (text: string) => text.length <= 255 && /^[^\s@<>"]+@[^\s@<>"]+$/.test(text);

/** Reads a person out of attributes or claims by the mapping of the provider. */
export function describe(values: IdentityProviderValues, identity: Identity): Described {
  const { attributes, subject } = identity;
  const find = (own: string | null, usual: readonly string[]) => {
    const names = own ? [own] : usual;
    return names.map((name) => attributes[name]).find((found) => found?.length) ?? [];
  };
  const name = (own: string | null, usual: readonly string[]) =>
    find(own, usual)[0]?.trim().slice(0, 100) || undefined;
  const address = find(values.emailAttribute, USUAL.email)[0]?.trim() ?? subject;
  const groups = find(values.groupsAttribute, USUAL.groups);
  const mapped = (values.groupRoles ?? []).find(({ group }) => groups.includes(group));
  return {
    email: isAddress(address) ? address : undefined,
    firstName: name(values.firstNameAttribute, USUAL.firstName),
    lastName: name(values.lastNameAttribute, USUAL.lastName),
    groups,
    role: mapped?.role,
  };
}

/** Who acts where a provider's word decides. */
export const ssoActor: Actor = { type: 'system', id: 'single-sign-on' };

const grants = { 'users:create': 'all', 'users:administer': 'all', 'users:record': 'all' } as const;

/** Finds, adds and updates people by what identity providers say, through the product's commands. */
export class SsoPeople {
  private readonly accounts: Accounts;

  constructor(private readonly platform: Platform) {
    this.accounts = new Accounts(platform);
  }

  /** The account an identity stands for; adds it where the provider may. */
  async accountOf(provider: Provider, identity: Identity, origin: Origin): Promise<Account> {
    const { tenantId, values } = provider;
    const described = describe(values, identity);
    const userId =
      (await this.linked(provider, identity)) ??
      (await this.byAddress(provider, identity, described, origin)) ??
      (await this.added(provider, identity, described, origin));
    const account = { tenantId, userId };
    await this.ready(account, described, origin);
    return account;
  }

  /** Ties an identity to somebody who is signed in. */
  async link(provider: Provider, identity: Identity, userId: string, origin: Origin) {
    const holder = await this.linked(provider, identity);
    if (holder === userId) return;
    if (holder) throw new SsoProblem('email_taken', 'identity of another person');
    const { issuer, subject } = identity;
    const input = { identityProviderId: provider.id, issuer, subject };
    const refused = await this.dispatch('LinkIdentity', userId, input, provider, origin);
    if (refused) throw new SsoProblem('person_unknown', refused.code);
  }

  /** Who was tied to this identity. */
  private async linked({ tenantId, id }: Provider, { issuer, subject }: Identity) {
    const value = identityKey(id, issuer, subject);
    const { holder } = await this.platform.reservations.find(tenantId, {
      scope: 'sso-identity',
      value,
    });
    return holder ?? undefined;
  }

  /**
   * With SAML the workspace trusts its own provider for the addresses of its domains, so whoever
   * was there before is tied by address, once. OpenID Connect issuers may serve anybody: there an
   * address proves nothing, and people tie their account themselves.
   */
  private async byAddress(
    provider: Provider,
    identity: Identity,
    { email }: Described,
    origin: Origin,
  ): Promise<string | undefined> {
    if (provider.values.kind !== 'saml' || !email) return undefined;
    if (!provider.values.domains.includes(domainOf(email))) return undefined;
    const reservation = { scope: 'user-email', value: emailKey(email) };
    const { holder } = await this.platform.reservations.find(provider.tenantId, reservation);
    if (!holder) return undefined;
    // Administrators set up providers, and nobody may make themselves an owner: owners tie their
    // account themselves.
    const person = await this.accounts.person({ tenantId: provider.tenantId, userId: holder });
    if (person.status !== 'absent' && person.role === 'owner') throw new SsoProblem('email_taken');
    await this.link(provider, identity, holder, origin);
    return holder;
  }

  private async added(
    provider: Provider,
    identity: Identity,
    { email, firstName, lastName, role }: Described,
    origin: Origin,
  ): Promise<string> {
    const { tenantId, values } = provider;
    if (!values.isProvisioning) throw new SsoProblem('person_unknown', 'adding people is off');
    if (!email) throw new SsoProblem('email_missing', 'no attribute holds an e-mail address');
    if (!values.domains.includes(domainOf(email))) {
      throw new SsoProblem('email_of_another_domain', domainOf(email));
    }
    // The id follows from the identity: who was cut off in between is completed the next time.
    const id = hashId('sso-person', tenantId, provider.id, identity.issuer, identity.subject);
    if ((await this.accounts.person({ tenantId, userId: id })).status === 'absent') {
      const local = email.split('@')[0]!.slice(0, 100);
      const input = {
        firstName: firstName ?? local,
        lastName: lastName ?? domainOf(email).slice(0, 100),
        email,
        role: role ?? values.provisioningRole ?? 'member',
        status: 'active',
      };
      const refused = await this.dispatch('CreateUser', id, input, provider, origin);
      if (refused?.code === 'ALREADY_TAKEN') throw new SsoProblem('email_taken');
      if (refused) throw new SsoProblem('person_unknown', refused.code);
    }
    await this.link(provider, identity, id, origin);
    return id;
  }

  /** Whoever was invited comes in by this, and roles follow the mapped groups; owners stay owners. */
  private async ready(account: Account, { role }: Described, origin: Origin): Promise<void> {
    const { tenantId, userId } = account;
    const person = await this.accounts.person(account);
    if (person.status === 'invited') {
      await this.dispatch('ActivateUser', userId, {}, { tenantId }, origin);
    } else if (person.status !== 'active') {
      throw new SsoProblem('person_not_active', person.status);
    }
    if (!role || person.role === 'owner' || person.role === role) return;
    await this.dispatch('ChangeUserRole', userId, { role }, { tenantId }, origin);
  }

  private async dispatch(
    command: string,
    id: string,
    input: object,
    { tenantId }: Pick<Provider, 'tenantId'>,
    origin: Origin,
  ): Promise<Refusal | undefined> {
    const ctx = originContext(tenantId, origin, ssoActor, grants);
    const result = await this.platform.dispatch(command, input, ctx, { id });
    return isRefusal(result) ? result : undefined;
  }
}

import type { Aggregate } from '#kernel/aggregate';
import { isUuid } from '#kernel/ids';
import { emailKey } from '#event-schemas/identity/user.events';
import type { IdentityProviderValues } from '#event-schemas/identity/identity-provider.events';
import {
  identityProvider,
  type IdentityProviderState,
} from '#identity/identity-provider/identity-provider';
import { user, type UserState } from '#identity/user/user';
import type { Platform } from '#platform/platform';
import type { SamlParty } from './saml/response.js';

/** An identity provider of a workspace. */
export interface Provider {
  readonly tenantId: string;
  readonly id: string;
  readonly values: IdentityProviderValues;
}

/** What follows `@`, as providers list their domains. */
export function domainOf(email: string): string {
  return emailKey(email).split('@').at(-1)!;
}

/** Reads identity providers; what they are is folded from the log, never from a list behind it. */
export class Providers {
  constructor(private readonly platform: Platform) {}

  /** A provider that was not put aside, active or not yet. */
  async find(tenantId: string, id: string): Promise<Provider | undefined> {
    if (!isUuid(tenantId) || !isUuid(id)) return undefined;
    const state = (await this.platform.facts.state(
      tenantId,
      identityProvider as unknown as Aggregate,
      id,
    )) as IdentityProviderState;
    return state.status === 'active' ? { tenantId, id, values: state.values } : undefined;
  }

  /** The active providers of a workspace, by name. */
  async active(tenantId: string): Promise<readonly Provider[]> {
    const { rows } = await this.platform.database.tenant(tenantId, (db) =>
      db.query<{ id: string }>(
        `SELECT id FROM rm_identity_providers
          WHERE tenant_id = $1 AND is_active AND archived_at IS NULL AND deleted_at IS NULL
          ORDER BY name, id LIMIT 100`,
        [tenantId],
      ),
    );
    const found = await Promise.all(rows.map(({ id }) => this.find(tenantId, id)));
    return found.filter((one) => one !== undefined).filter(({ values }) => values.isActive);
  }

  /** Those that speak for an e-mail address. */
  async speakingFor(tenantId: string, email: string): Promise<readonly Provider[]> {
    const domain = domainOf(email);
    const active = await this.active(tenantId);
    return active.filter(({ values }) => values.domains.includes(domain));
  }

  /**
   * Whether somebody may not use a password because a provider is forced on their domain. Owners
   * named as break-glass may; should none of those be an active owner any more, every owner may,
   * so that nobody is shut out for good.
   */
  async forbidsPassword(tenantId: string, person: UserState): Promise<boolean> {
    if (person.status === 'absent' || !person.values.email) return false;
    const found = await this.speakingFor(tenantId, person.values.email);
    const forced = found.filter(({ values }) => values.isForced);
    if (forced.length === 0) return false;
    if (person.role !== 'owner') return true;
    const named = [...new Set(forced.flatMap(({ values }) => values.breakGlassIds ?? []))];
    if (named.includes(person.id)) return false;
    const others = await Promise.all(
      named.map((id) => this.platform.facts.state(tenantId, user as unknown as Aggregate, id)),
    );
    return (others as UserState[]).some(
      (one) => one.status === 'active' && one.role === 'owner' && Boolean(one.values.email),
    );
  }
}

/** The addresses a provider knows this workspace under. */
export class Addresses {
  constructor(private readonly publicUrl: string) {}

  of({ tenantId, id }: Pick<Provider, 'tenantId' | 'id'>, what: string): string {
    return `${this.publicUrl.replace(/\/$/, '')}/api/v1/auth/sso/${tenantId}/${id}/${what}`;
  }

  /** A SAML provider as its messages are checked against; undefined while it is incomplete. */
  partyOf(provider: Provider): SamlParty | undefined {
    const { kind, entityId, signOnUrl, certificates, isResponseSigned } = provider.values;
    if (kind !== 'saml' || !entityId || !signOnUrl || !certificates?.length) return undefined;
    return {
      entityId,
      signOnUrl,
      certificates,
      isResponseSigned: isResponseSigned === true,
      audience: this.of(provider, 'metadata'),
      acsUrl: this.of(provider, 'acs'),
    };
  }
}

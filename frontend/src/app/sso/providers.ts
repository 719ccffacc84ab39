import { Injectable, inject } from '@angular/core';
import { Api } from '../../data/api';

export type Kind = 'saml' | 'oidc';
export type Preset = 'okta' | 'auth0' | 'entra' | 'google';

/** A role for the members of a group. */
export interface GroupRole {
  readonly group: string;
  readonly role: string;
}

/** What an identity provider is set to. */
export interface ProviderValues {
  readonly name: string;
  readonly kind: Kind;
  readonly domains: readonly string[];
  readonly isActive: boolean | null;
  readonly preset: Preset | null;
  readonly entityId: string | null;
  readonly signOnUrl: string | null;
  readonly certificates: readonly string[] | null;
  readonly isResponseSigned: boolean | null;
  readonly issuerUrl: string | null;
  readonly clientId: string | null;
  readonly emailAttribute: string | null;
  readonly firstNameAttribute: string | null;
  readonly lastNameAttribute: string | null;
  readonly groupsAttribute: string | null;
  readonly groupRoles: readonly GroupRole[] | null;
  readonly isProvisioning: boolean | null;
  readonly provisioningRole: string | null;
  readonly isForced: boolean | null;
  readonly breakGlassIds: readonly string[] | null;
}
export interface Provider extends ProviderValues {
  readonly id: string;
  readonly hasSecret: boolean;
  readonly lastRefusal: string | null;
  readonly lastRefusedAt: string | null;
}
export type ProviderChange = Partial<ProviderValues>;

/** A certificate as people compare and renew it. */
export interface Certificate {
  readonly subject: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly fingerprint: string;
}

/** What became of the latest attempt of the last 15 minutes. */
export interface Attempt {
  readonly at: string;
  readonly result: 'refused' | 'tested';
  readonly reason: string | null;
  readonly found: string | null;
  readonly person: {
    readonly email: string | null;
    readonly firstName: string | null;
    readonly lastName: string | null;
    readonly groups: readonly string[];
    readonly role: string | null;
  } | null;
}

/** What the identity provider has to know, and how it stands. */
export interface Setup {
  readonly entityId: string;
  readonly acsUrl: string;
  readonly metadataUrl: string;
  readonly redirectUri: string;
  readonly startUrl: string;
  readonly certificates: readonly Certificate[];
  readonly latestAttempt: Attempt | null;
}

/** What the metadata of an identity provider says. */
export interface Metadata {
  readonly entityId: string;
  readonly signOnUrl: string;
  readonly certificates: readonly string[];
}

export interface Owner {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
}

const V1 = '/api/v1';
const AT = `${V1}/identityProviders`;
/** As many as one page of the API has. */
const MOST = 100;

/** Asks the API for identity providers. */
@Injectable({ providedIn: 'root' })
export class Providers {
  private readonly api = inject(Api);

  list(): Promise<readonly Provider[]> {
    return this.api.json(`${AT}?limit=${MOST}`);
  }
  read(id: string): Promise<Provider> {
    return this.api.json(`${AT}/${encodeURIComponent(id)}`);
  }
  setup(id: string): Promise<Setup> {
    return this.api.json(`${AT}/${encodeURIComponent(id)}/setup`);
  }
  add(values: ProviderChange): Promise<Provider> {
    return this.api.json(AT, { body: values });
  }
  change(id: string, change: ProviderChange): Promise<Provider> {
    return this.api.json(`${AT}/${id}`, { method: 'PATCH', body: change });
  }
  remove(id: string): Promise<unknown> {
    return this.api.json(`${AT}/${id}`, { method: 'DELETE' });
  }
  setSecret(id: string, clientSecret: string): Promise<unknown> {
    return this.api.json(`${AT}/${id}/client-secret`, { method: 'PUT', body: { clientSecret } });
  }
  readMetadata(source: { readonly url: string } | { readonly xml: string }): Promise<Metadata> {
    return this.api.json(`${AT}/read-metadata`, { body: source });
  }
  /** Where the browser goes to try a provider out, and comes back to `next` from. */
  async test(id: string, next: string): Promise<string> {
    const path = `${AT}/${id}/test`;
    return (await this.api.json<{ location: string }>(path, { body: { next } })).location;
  }
  owners(): Promise<readonly Owner[]> {
    return this.api.json(`${V1}/users?role=owner&limit=${MOST}`);
  }
}

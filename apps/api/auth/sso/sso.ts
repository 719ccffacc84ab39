import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { SsoRefusal } from '#event-schemas/identity/identity-provider.events';
import {
  answerSsoRequest,
  collectSsoRequest,
  openSsoRequest,
  ssoRequestSentAt,
  useAssertion,
  type SsoPurpose,
  type SsoRequest,
} from '#platform/auth/sso-rows';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import { Accounts } from '../accounts.js';
import { originContext } from '../origin-context.js';
import type { Origin, SignedIn, SignIn } from '../sign-in.js';
import { SignInRate } from '../sign-in-rate.js';
import { OidcClient } from './oidc/client.js';
import { guardedFetch } from './oidc/guarded-fetch.js';
import { describe, ssoActor, SsoPeople } from './people.js';
import { SsoProblem, ssoRefused, type Identity } from './problem.js';
import { Addresses, Providers, type Provider } from './providers.js';
import { Recent } from './recent.js';
import { requestUrl, verifyResponse } from './saml/response.js';
import { SsoSecrets } from './secrets.js';

/** How somebody begins. */
export interface Start {
  readonly purpose: SsoPurpose;
  readonly userId?: string;
  /** Where to go afterwards; anything but a path of ours is dropped. */
  readonly target?: string | undefined;
  /** The secret of the browser, where it has one already. */
  readonly browser: string | undefined;
}

/** Where the browser goes, and the secret it keeps meanwhile. */
export interface Started {
  readonly location: string;
  readonly browser: string;
}

/** What single sign-on came to. */
export type Finished =
  | { readonly kind: 'signed-in'; readonly signed: SignedIn; readonly target: string }
  | { readonly kind: 'linked' | 'tested'; readonly target: string };

export interface Offer {
  readonly providerId: string;
  readonly name: string;
  readonly kind: string;
  readonly startUrl: string;
  /** Whether a password is not enough for this address. */
  readonly isForced: boolean;
}

/** A path of ours that a sign-in may lead to; `/` for everything else. */
export function safeTarget(target: unknown): string {
  const fit = typeof target === 'string' && target.length <= 500;
  const path = fit && /^\/(?![/\\])[\w\-./?=&%~:@!$'()*+,;]*$/.test(target) ? target : '/';
  return /^\/api(\/|$)/.test(path) ? '/' : path;
}

/**
 * Single sign-on of all workspaces: starts it, takes what providers answer, and opens a session
 * just as a password does. Every refusal is answered alike; administrators read the reason in the
 * timeline of the provider.
 */
export class Sso {
  readonly providers: Providers;
  readonly addresses: Addresses;
  readonly secrets: SsoSecrets;
  readonly recent = new Recent();
  /** Asks addresses that administrators enter. */
  readonly fetch: ReturnType<typeof guardedFetch>;
  private readonly people: SsoPeople;
  private readonly accounts: Accounts;
  private readonly oidc: OidcClient;
  private readonly rate: SignInRate;

  constructor(
    private readonly platform: Platform,
    private readonly signIn: SignIn,
    private readonly log: Logger,
    options: {
      readonly publicUrl: string;
      readonly perMinute?: number;
      readonly reachesPrivate: boolean;
    },
  ) {
    this.providers = new Providers(platform);
    this.addresses = new Addresses(options.publicUrl);
    this.secrets = new SsoSecrets(platform);
    this.people = new SsoPeople(platform);
    this.accounts = new Accounts(platform);
    const { reachesPrivate } = options;
    const { masterKey } = platform.options;
    this.oidc = new OidcClient(this.addresses, this.secrets, masterKey, { reachesPrivate });
    this.fetch = guardedFetch({ reachesPrivate });
    this.rate = new SignInRate(platform.clock, options.perMinute);
  }

  /** Providers for an address: they depend on its domain alone, so nobody learns who is known. */
  async discover(workspace: string, email: string, origin: Origin): Promise<readonly Offer[]> {
    this.rate.check(origin);
    const tenantId = await this.accounts.tenantOf(workspace);
    const found = tenantId ? await this.providers.speakingFor(tenantId, email) : [];
    return found.map((provider) => ({
      providerId: provider.id,
      name: provider.values.name,
      kind: provider.values.kind,
      startUrl: new URL(this.addresses.of(provider, 'start')).pathname,
      isForced: provider.values.isForced === true,
    }));
  }

  /** Keeps a request and says where the browser goes with it. */
  async start(
    tenantId: string,
    providerId: string,
    { purpose, userId, target, browser: known }: Start,
    origin: Origin,
  ): Promise<Started | Refusal> {
    this.rate.check(origin);
    const provider = await this.providers.find(tenantId, providerId);
    const usable = provider && (provider.values.isActive || purpose === 'test');
    if (!usable) return ssoRefused;
    const browser = known ?? randomBytes(32).toString('base64url');
    const request: SsoRequest = {
      id: `_${randomBytes(20).toString('hex')}`,
      providerId: provider.id,
      purpose,
      userId: userId ?? null,
      target: safeTarget(target),
    };
    return this.guarded(provider, origin, async () => {
      const location = await this.locationOf(provider, request.id, browser);
      const now = this.platform.clock();
      await this.inTenant(tenantId, (db) => openSsoRequest(db, tenantId, request, browser, now));
      return { location, browser };
    });
  }

  private locationOf(provider: Provider, requestId: string, browser: string): Promise<string> {
    if (provider.values.kind === 'oidc') {
      return this.oidc.authorizationUrl(provider, requestId, browser);
    }
    const party = this.addresses.partyOf(provider);
    if (!party) throw new SsoProblem('provider_unreachable', 'the provider is incomplete');
    return requestUrl(party, requestId);
  }

  /**
   * Takes a SAML response. What it proves waits for the browser that began: another site may post
   * a response here, but only that browser can collect it.
   */
  async takeResponse(
    tenantId: string,
    providerId: string,
    samlResponse: string,
    origin: Origin,
  ): Promise<{ readonly kind: 'unsolicited' | 'answered'; readonly requestId: string } | Refusal> {
    this.rate.check(origin);
    const provider = await this.providers.find(tenantId, providerId);
    const party = provider && this.addresses.partyOf(provider);
    if (!party) return ssoRefused;
    return this.guarded(provider, origin, async () => {
      const now = this.platform.clock();
      const sentAt = (id: string) =>
        this.inTenant(tenantId, (db) => ssoRequestSentAt(db, tenantId, provider.id, id, now));
      const outcome = await verifyResponse(samlResponse, party, { sentAt }, now);
      if (outcome.kind === 'unsolicited') return { kind: 'unsolicited', requestId: '' };
      const { requestId, assertion } = outcome;
      const sealed = await this.secrets.seal(
        tenantId,
        requestId,
        JSON.stringify(assertion.identity),
      );
      const fresh = await this.inTenant(tenantId, async (db) => {
        const { id, expiresAt } = assertion;
        if (!(await useAssertion(db, tenantId, provider.id, id, expiresAt, now))) return false;
        return answerSsoRequest(db, tenantId, provider.id, requestId, sealed, now);
      });
      if (!fresh) throw new SsoProblem('replayed');
      return { kind: 'answered', requestId };
    });
  }

  /** Gives the browser that began what its request brought. */
  async collect(
    tenantId: string,
    providerId: string,
    requestId: string,
    browser: string | undefined,
    origin: Origin,
  ): Promise<Finished | Refusal> {
    this.rate.check(origin);
    const provider = await this.providers.find(tenantId, providerId);
    if (!provider) return ssoRefused;
    return this.guarded(provider, origin, async () => {
      const { request, outcome } = await this.take(provider, requestId, browser, true);
      const identity = await this.secrets.open(tenantId, requestId, outcome ?? '');
      return this.finish(provider, request, JSON.parse(identity) as Identity, origin);
    });
  }

  /** Takes the answer of an OpenID Connect provider, which the browser that began brings itself. */
  async takeCode(
    tenantId: string,
    providerId: string,
    query: URLSearchParams,
    browser: string | undefined,
    origin: Origin,
  ): Promise<Finished | Refusal> {
    this.rate.check(origin);
    const provider = await this.providers.find(tenantId, providerId);
    if (provider?.values.kind !== 'oidc') return ssoRefused;
    return this.guarded(provider, origin, async () => {
      const state = query.get('state') ?? '';
      const { request } = await this.take(provider, state, browser, false);
      const identity = await this.oidc.identityOf(provider, query, request.id, browser!);
      return this.finish(provider, request, identity, origin);
    });
  }

  private async take(
    { tenantId, id }: Provider,
    requestId: string,
    browser: string | undefined,
    answered: boolean,
  ) {
    const now = this.platform.clock();
    const taken = await this.inTenant(tenantId, (db) =>
      collectSsoRequest(db, tenantId, id, requestId, browser, answered, now),
    );
    if (taken.status === 'collected') return taken;
    const other = taken.status === 'other_browser';
    throw new SsoProblem(other ? 'request_of_another_browser' : 'request_unknown');
  }

  private async finish(
    provider: Provider,
    { purpose, userId, target }: SsoRequest,
    identity: Identity,
    origin: Origin,
  ): Promise<Finished | Refusal> {
    if (purpose === 'test') {
      this.recent.tested(provider, describe(provider.values, identity), this.platform.clock());
      return { kind: 'tested', target };
    }
    if (!provider.values.isActive) return ssoRefused;
    if (purpose === 'link') {
      await this.people.link(provider, identity, userId!, origin);
      return { kind: 'linked', target };
    }
    const account = await this.people.accountOf(provider, identity, origin);
    const holder = await this.accounts.holder(account);
    const signed = await this.signIn.sessions.open(holder, origin, provider.values.kind);
    return isRefusal(signed) ? signed : { kind: 'signed-in', signed, target };
  }

  /** Turns what went wrong into the one answer, and tells administrators why. */
  private async guarded<Result>(
    provider: Provider,
    origin: Origin,
    work: () => Promise<Result>,
  ): Promise<Result | Refusal> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SsoProblem)) throw error;
      const { reason, found } = error;
      const now = this.platform.clock();
      if (this.recent.refused(provider, { reason, ...(found ? { found } : {}) }, now)) {
        this.signIn.journal.later(() => this.record(provider, reason, origin));
      }
      this.log.info({ providerId: provider.id, reason }, 'single sign-on was refused');
      return ssoRefused;
    }
  }

  private record({ tenantId, id }: Provider, reason: SsoRefusal, origin: Origin) {
    const grants = { 'identityProviders:record': 'all' } as const;
    const ctx = originContext(tenantId, origin, ssoActor, grants);
    return this.platform.dispatch('RecordRefusedSignIn', { reason }, ctx, { id });
  }

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.platform.database.tenant(tenantId, work);
  }
}

import { createHash, createHmac, hkdfSync } from 'node:crypto';
import * as openid from 'openid-client';
import { SsoProblem, type Identity } from '../problem.js';
import type { Addresses, Provider } from '../providers.js';
import type { SsoSecrets } from '../secrets.js';
import { guardedFetch, type Reach } from './guarded-fetch.js';

const KEPT_MS = 5 * 60_000;
const MOST = 500;
const SCOPE = 'openid email profile';

interface Known {
  readonly configuration: Promise<openid.Configuration>;
  readonly until: number;
}

/** Claims as attributes: each with its texts, whatever else it held. */
function attributesOf(claims: Readonly<Record<string, unknown>>) {
  const texts = (value: unknown) =>
    (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
  return Object.fromEntries(
    Object.entries(claims)
      .map(([name, value]) => [name, texts(value)] as const)
      .filter(([, values]) => values.length > 0),
  );
}

/**
 * OpenID Connect: the authorization code flow with PKCE, state and nonce. What must be secret until
 * the code comes back follows from the browser's own secret and a key of ours, so nothing of it is
 * stored.
 */
export class OidcClient {
  private readonly key: Buffer;
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly addresses: Addresses,
    private readonly secrets: SsoSecrets,
    masterKey: Buffer,
    private readonly reach: Reach,
  ) {
    this.key = Buffer.from(hkdfSync('sha256', masterKey, '', 'openid-connect:1', 32));
  }

  /** Where the browser goes; `requestId` comes back as `state`. */
  async authorizationUrl(provider: Provider, requestId: string, browser: string): Promise<string> {
    const configuration = await this.configuration(provider);
    const verifier = this.derived('verifier', requestId, browser);
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: this.addresses.of(provider, 'callback'),
      scope: SCOPE,
      state: requestId,
      nonce: this.derived('nonce', requestId, browser),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    return url.href;
  }

  /** Exchanges the code and checks the id token: signature, issuer, audience, nonce and times. */
  async identityOf(
    provider: Provider,
    query: URLSearchParams,
    requestId: string,
    browser: string,
  ): Promise<Identity> {
    const configuration = await this.configuration(provider);
    const current = new URL(this.addresses.of(provider, 'callback'));
    current.search = query.toString();
    try {
      const tokens = await openid.authorizationCodeGrant(configuration, current, {
        pkceCodeVerifier: this.derived('verifier', requestId, browser),
        expectedState: requestId,
        expectedNonce: this.derived('nonce', requestId, browser),
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      // Some providers tell the rest only at their own endpoint; the subject must be the same.
      const more =
        claims['email'] === undefined && configuration.serverMetadata().userinfo_endpoint
          ? await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub)
          : {};
      const attributes = attributesOf({ ...more, ...claims });
      return { issuer: claims.iss, subject: claims.sub, attributes };
    } catch (error) {
      throw new SsoProblem('token_refused', codeOf(error));
    }
  }

  private derived(what: string, requestId: string, browser: string): string {
    return createHmac('sha256', this.key)
      .update(`${what}:${requestId}:${browser}`)
      .digest('base64url');
  }

  private async configuration(provider: Provider): Promise<openid.Configuration> {
    const { issuerUrl, clientId } = provider.values;
    if (!issuerUrl || !clientId) throw new SsoProblem('provider_unreachable', 'incomplete');
    const secret = await this.secrets.clientSecret(provider.tenantId, provider.id);
    const digest = createHmac('sha256', this.key)
      .update(secret ?? '')
      .digest('base64url');
    const key = JSON.stringify([provider.tenantId, provider.id, issuerUrl, clientId, digest]);
    const found = this.known.get(key);
    if (found && found.until > Date.now()) return found.configuration;
    const configuration = this.discovered(issuerUrl, clientId, secret);
    configuration.catch(() => this.known.delete(key));
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(key, { configuration, until: Date.now() + KEPT_MS });
    return configuration;
  }

  private async discovered(issuerUrl: string, clientId: string, secret: string | undefined) {
    try {
      const configuration = await openid.discovery(
        new URL(issuerUrl),
        clientId,
        {},
        secret ? openid.ClientSecretPost(secret) : openid.None(),
        {
          [openid.customFetch]: guardedFetch(this.reach),
          timeout: 10,
          execute: this.reach.reachesPrivate ? [openid.allowInsecureRequests] : [],
        },
      );
      // The code flow could rely on TLS alone; a signature that does not fit is refused as well.
      openid.enableNonRepudiationChecks(configuration);
      return configuration;
    } catch (error) {
      throw new SsoProblem('provider_unreachable', codeOf(error));
    }
  }
}

/** A word for what the library found wrong; its messages may hold values. */
function codeOf(error: unknown): string {
  const { code, error: answer, name } = error as Record<string, unknown>;
  return [name, code, answer]
    .filter((one) => typeof one === 'string')
    .join(' ')
    .slice(0, 200);
}

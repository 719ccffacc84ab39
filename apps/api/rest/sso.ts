import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { isUuid } from '#kernel/ids';
import { object, Type, type TObject } from '#kernel/fields';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { FormBody } from '../auth/sso/form-body.js';
import { ssoRefused } from '../auth/sso/problem.js';
import { serviceProviderMetadata } from '../auth/sso/saml/metadata.js';
import { safeTarget, type Finished, type Sso } from '../auth/sso/sso.js';
import type { SignedIn } from '../auth/sign-in.js';
import { BODY_LIMIT, checked, originOf, RefreshCookie, type AuthServices } from './auth.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { listOf, maybe, objectOf, plain, text, uuid } from './schemas.js';
import { notFound } from './services.js';
import { ssoSetupEndpoints } from './sso-setup.js';

export interface SsoServices extends AuthServices {
  readonly sso: Sso;
}

/** A response of 256 kB in base64 and form encoding, and what else the form holds. */
const RESPONSE_LIMIT = 524_288;

const discovery = object({
  workspace: Type.String({ minLength: 1, maxLength: 63, examples: ['hooli'] }),
  email: Type.String({ minLength: 3, maxLength: 255, examples: ['gavin@hooli.com'] }),
});

/**
 * The secret a browser keeps while somebody is at the identity provider. `lax`, because the way
 * back comes from another site; it proves nothing but that it is the same browser.
 */
export class BrowserCookie {
  private readonly secure: boolean;
  private readonly name: string;

  constructor(publicUrl: string) {
    this.secure = publicUrl.startsWith('https:');
    this.name = this.secure ? '__Host-clientforge-sso' : 'clientforge-sso';
  }

  read(request: FastifyRequest): string | undefined {
    const value = request.server.parseCookie(request.headers.cookie ?? '')[this.name];
    return value && /^[\w-]{43}$/.test(value) ? value : undefined;
  }
  write({ server }: FastifyRequest, secret: string): string {
    const { secure } = this;
    const options = { path: '/', secure, httpOnly: true, sameSite: 'lax', maxAge: 900 } as const;
    return server.serializeCookie(this.name, secret, options);
  }
}

/** The way on for a browser; programs get the refusal itself. */
function refusedOn({ request }: Call, refused: Refusal): Answer | Refusal {
  if (!(request.headers.accept ?? '').includes('text/html')) return refused;
  const code = refused.code === ssoRefused.code ? 'refused' : refused.code;
  return { status: 303, headers: { location: `/sign-in?sso=${encodeURIComponent(code)}` } };
}

const redirect = (location: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 303,
  headers: { location, 'referrer-policy': 'no-referrer', ...headers },
});

function pathOf({ params }: Call) {
  return { tenantId: params['tenantId']!, id: params['id']! };
}

/** The public endpoints of single sign-on. */
export function ssoEndpoints(services: SsoServices): Endpoint[] {
  const { sso, publicUrl } = services;
  const browserCookie = new BrowserCookie(publicUrl);
  const refreshCookie = new RefreshCookie(publicUrl);
  const common = { tag: 'sso', access: 'open' } as const;
  const at = (what: string) => `/auth/sso/:tenantId/:id/${what}`;

  const signedIn = ({ request }: Call, signed: SignedIn, target: string): Answer => {
    const { refreshToken, refreshTokenExpiresAt: end } = signed;
    const cookie = refreshCookie.write(request.server, refreshToken, end);
    const next = new URLSearchParams({ sso: 'done', next: target });
    return redirect(`/sign-in?${next}`, { 'set-cookie': cookie });
  };
  const finished = (call: Call, result: Finished | Refusal): Answer | Refusal => {
    if (isRefusal(result)) return refusedOn(call, result as Refusal);
    const done = result as Finished;
    if (done.kind === 'signed-in') return signedIn(call, done.signed, done.target);
    return redirect(done.target);
  };

  const start = async (call: Call): Promise<Answer | Refusal> => {
    const { tenantId, id } = pathOf(call);
    const target = call.query['next'] as string | undefined;
    const browser = browserCookie.read(call.request);
    const origin = originOf(call.request);
    const started = await sso.start(tenantId, id, { purpose: 'sign-in', target, browser }, origin);
    if (isRefusal(started)) return refusedOn(call, started as Refusal);
    const { location, browser: secret } = started as Exclude<typeof started, Refusal>;
    return redirect(location, { 'set-cookie': browserCookie.write(call.request, secret) });
  };

  const takeResponse = async (call: Call): Promise<Answer | Refusal> => {
    const { tenantId, id } = pathOf(call);
    const fields = call.body instanceof FormBody ? call.body.fields : new URLSearchParams();
    const responses = fields.getAll('SAMLResponse');
    if (responses.length !== 1) return refusedOn(call, ssoRefused);
    const origin = originOf(call.request);
    const taken = await sso.takeResponse(tenantId, id, responses[0]!, origin);
    if (isRefusal(taken)) return refusedOn(call, taken as Refusal);
    const { kind, requestId } = taken as Exclude<typeof taken, Refusal>;
    const base = `/api/v1/auth/sso/${tenantId}/${id}`;
    if (kind === 'answered') {
      return redirect(`${base}/finish?${new URLSearchParams({ request: requestId })}`);
    }
    const next = safeTarget(fields.get('RelayState'));
    return redirect(`${base}/start?${new URLSearchParams({ next })}`);
  };

  const finish = async (call: Call): Promise<Answer | Refusal> => {
    const { tenantId, id } = pathOf(call);
    const requestId = String(call.query['request'] ?? '');
    const browser = browserCookie.read(call.request);
    const origin = originOf(call.request);
    return finished(call, await sso.collect(tenantId, id, requestId, browser, origin));
  };

  const callback = async (call: Call): Promise<Answer | Refusal> => {
    const { tenantId, id } = pathOf(call);
    const { search } = new URL(call.request.url, publicUrl);
    const query = new URLSearchParams(search);
    const browser = browserCookie.read(call.request);
    const origin = originOf(call.request);
    return finished(call, await sso.takeCode(tenantId, id, query, browser, origin));
  };

  const metadata = async (call: Call): Promise<Answer | Refusal> => {
    const { tenantId, id } = pathOf(call);
    const missing = notFound({ record: 'identity provider' });
    const provider = isUuid(id) ? await sso.providers.find(tenantId, id) : undefined;
    if (provider?.values.kind !== 'saml') return missing;
    const [entityId, acs] = ['metadata', 'acs'].map((what) => sso.addresses.of(provider, what));
    return {
      stream: Readable.from([serviceProviderMetadata(entityId!, acs!)]),
      headers: { 'content-type': 'application/samlmetadata+xml; charset=utf-8' },
    };
  };

  const discover = async ({ request, body }: Call): Promise<Answer | Refusal> => {
    const given = checked<{ workspace: string; email: string }>(
      discovery as unknown as TObject,
      body,
    );
    if (isRefusal(given)) return given as Refusal;
    const { workspace, email } = given as { workspace: string; email: string };
    return { data: await sso.discover(workspace, email, originOf(request)) };
  };

  const onward = {
    status: 303,
    description: 'Where the browser goes next.',
    headers: ['Location'],
  };
  const query = (name: string, description: string) => [{ name, description, schema: text }];
  return [
    {
      ...common,
      operation: 'sso_discover',
      method: 'POST',
      path: '/auth/sso/discover',
      summary: 'Find the identity providers of an address',
      description:
        'The answer depends on the workspace and the domain of the address alone: it is the same ' +
        'for people who are known and people who are not.',
      bodyLimit: BODY_LIMIT,
      body: plain(discovery),
      answer: {
        status: 200,
        description: 'The providers that speak for the domain; none: sign in with a password.',
        data: listOf(
          objectOf({
            providerId: uuid,
            name: text,
            kind: text,
            startUrl: text,
            isForced: { type: 'boolean' },
          }),
        ),
      },
      refusals: ['429 TOO_MANY_ATTEMPTS'],
      handle: discover,
    },
    {
      ...common,
      operation: 'sso_start',
      method: 'GET',
      path: at('start'),
      summary: 'Go to an identity provider',
      query: query('next', 'Path of the app to go to after signing in.'),
      answer: onward,
      refusals: ['401 SSO_REFUSED', '429 TOO_MANY_ATTEMPTS'],
      handle: start,
    },
    {
      ...common,
      operation: 'sso_acs',
      method: 'POST',
      path: at('acs'),
      summary: 'Take a SAML response',
      description:
        'The assertion consumer service. Takes the POST binding: a form with `SAMLResponse`. An ' +
        'answer nobody asked for begins a sign-in of our own, so tiles of a portal work.',
      form: true,
      bodyLimit: RESPONSE_LIMIT,
      answer: onward,
      refusals: ['401 SSO_REFUSED', '429 TOO_MANY_ATTEMPTS'],
      handle: takeResponse,
    },
    {
      ...common,
      operation: 'sso_finish',
      method: 'GET',
      path: at('finish'),
      summary: 'Finish a SAML sign-in',
      description: 'Only the browser that began it; the refresh token comes as a cookie.',
      query: query('request', 'Id of the request that was answered.'),
      answer: onward,
      refusals: ['401 SSO_REFUSED', '403 WORKSPACE_SUSPENDED'],
      handle: finish,
    },
    {
      ...common,
      operation: 'sso_callback',
      method: 'GET',
      path: at('callback'),
      summary: 'Take the answer of an OpenID Connect provider',
      description: 'The redirect address. Only the browser that began it is let in.',
      anyQuery: true,
      answer: onward,
      refusals: ['401 SSO_REFUSED', '403 WORKSPACE_SUSPENDED'],
      handle: callback,
    },
    {
      ...common,
      operation: 'sso_metadata',
      method: 'GET',
      path: at('metadata'),
      summary: 'Read our SAML metadata',
      description: 'SAML 2.0 metadata for this identity provider; its address is our entity id.',
      answer: { status: 200, description: 'XML.', data: maybe(text) },
      handle: metadata,
    },
    ...ssoSetupEndpoints(services, browserCookie),
  ];
}

import { object, optional, Type, type TObject } from '#kernel/fields';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { Provider } from '../auth/sso/providers.js';
import { checked, originOf } from './auth.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { instant, listOf, maybe, objectOf, plain, text } from './schemas.js';
import { notFound } from './services.js';
import type { BrowserCookie, SsoServices } from './sso.js';

const secretInput = object({
  clientSecret: Type.String({ minLength: 1, maxLength: 2000, examples: ['…'] }),
});
const targetInput = object({
  next: optional(Type.String({ maxLength: 500, description: 'Path of the app to come back to.' })),
});

/** What administrators set a provider up with, and how people tie their account to one. */
export function ssoSetupEndpoints(
  { sso, platform }: SsoServices,
  browserCookie: BrowserCookie,
): Endpoint[] {
  const missing = notFound({ record: 'identity provider' });
  const found = ({ caller, params }: Call) => sso.providers.find(caller.tenantId, params['id']!);

  const setup = async (call: Call): Promise<Answer | Refusal> => {
    const provider = await found(call);
    if (!provider) return missing;
    const address = (what: string) => sso.addresses.of(provider, what);
    const latest = sso.recent.of(provider, platform.clock());
    const { person, ...attempt } = latest ?? {};
    return {
      data: {
        entityId: address('metadata'),
        acsUrl: address('acs'),
        metadataUrl: address('metadata'),
        redirectUri: address('callback'),
        startUrl: address('start'),
        latestAttempt: latest
          ? { reason: null, found: null, ...attempt, person: personShown(person) }
          : null,
      },
    };
  };

  const setSecret = async (call: Call): Promise<Answer | Refusal> => {
    const given = checked<{ clientSecret: string }>(secretInput as unknown as TObject, call.body);
    if (isRefusal(given)) return given as Refusal;
    const provider = await found(call);
    if (!provider) return missing;
    const { clientSecret } = given as { clientSecret: string };
    const { tenantId, id } = provider;
    await sso.secrets.setClientSecret(tenantId, id, clientSecret);
    const result = await platform.dispatch('RecordSecretChange', {}, call.caller, { id });
    return isRefusal(result) ? (result as Refusal) : { status: 204 };
  };

  /** A signed-in page asks, and goes to the address it is given. */
  const begin = (purpose: 'link' | 'test') => async (call: Call) => {
    const given = checked<{ next?: string }>(targetInput as unknown as TObject, call.body ?? {});
    if (isRefusal(given)) return given as Refusal;
    const provider: Provider | undefined = await found(call);
    if (!provider) return missing;
    const { next: target } = given as { next?: string };
    const started = await sso.start(
      provider.tenantId,
      provider.id,
      {
        purpose,
        userId: call.caller.actor.id,
        target,
        browser: browserCookie.read(call.request),
      },
      originOf(call.request),
    );
    if (isRefusal(started)) return started as Refusal;
    const { location, browser } = started as Exclude<typeof started, Refusal>;
    return {
      data: { location },
      headers: { 'set-cookie': browserCookie.write(call.request, browser) },
    };
  };

  const onward = {
    status: 200,
    description: 'Where the browser goes.',
    data: objectOf({ location: text }),
  };
  const setUp = { permission: 'identityProviders:update' };
  return [
    {
      operation: 'identity_provider_setup',
      method: 'GET',
      path: '/identityProviders/:id/setup',
      tag: 'sso',
      summary: 'Read what an identity provider has to know',
      description: 'Our addresses, and what became of the latest attempt through this provider.',
      access: setUp,
      answer: {
        status: 200,
        description: 'Addresses, and the latest attempt of the last 15 minutes.',
        data: objectOf({
          entityId: text,
          acsUrl: text,
          metadataUrl: text,
          redirectUri: text,
          startUrl: text,
          latestAttempt: maybe(
            objectOf({
              at: instant,
              result: { type: 'string', enum: ['refused', 'tested'] },
              reason: maybe(text),
              found: maybe(text),
              person: maybe(
                objectOf({
                  email: maybe(text),
                  firstName: maybe(text),
                  lastName: maybe(text),
                  groups: listOf(text),
                  role: maybe(text),
                }),
              ),
            }),
          ),
        }),
      },
      refusals: ['404 NOT_FOUND'],
      handle: setup,
    },
    {
      operation: 'set_client_secret',
      method: 'PUT',
      path: '/identityProviders/:id/client-secret',
      tag: 'sso',
      summary: 'Give the client secret of an OpenID Connect provider',
      description: 'It is kept sealed and shown to nobody; the timeline tells that it changed.',
      access: setUp,
      body: plain(secretInput),
      answer: { status: 204, description: 'The secret is kept.' },
      refusals: ['404 NOT_FOUND'],
      handle: setSecret,
    },
    {
      operation: 'test_identity_provider',
      method: 'POST',
      path: '/identityProviders/:id/test',
      tag: 'sso',
      summary: 'Try an identity provider out',
      description: 'Nobody is signed in or added by it; `setup` tells what was found.',
      access: setUp,
      body: plain(targetInput),
      answer: onward,
      refusals: ['404 NOT_FOUND', '401 SSO_REFUSED'],
      handle: begin('test'),
    },
    {
      operation: 'link_identity',
      method: 'POST',
      path: '/auth/sso/providers/:id/link',
      tag: 'sso',
      summary: 'Tie one’s own account to an identity provider',
      description: 'Afterwards the person signs in through the provider as well.',
      access: 'signed-in',
      body: plain(targetInput),
      answer: onward,
      refusals: ['404 NOT_FOUND', '401 SSO_REFUSED'],
      handle: begin('link'),
    },
  ];
}

function personShown(person: object | undefined) {
  if (!person) return null;
  const none = { email: null, firstName: null, lastName: null, role: null };
  const given = Object.entries(person).filter(([, value]) => value !== undefined);
  return { ...none, ...Object.fromEntries(given) };
}

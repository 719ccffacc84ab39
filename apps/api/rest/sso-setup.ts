import { object, optional, Type, type TObject } from '#kernel/fields';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { SsoProblem } from '../auth/sso/problem.js';
import type { Provider } from '../auth/sso/providers.js';
import { certificateShown, readProviderMetadata } from '../auth/sso/saml/provider-metadata.js';
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

const metadataInput = object({
  url: optional(
    Type.String({ minLength: 1, maxLength: 2000, examples: ['https://idp.hooli.com/metadata'] }),
  ),
  xml: optional(Type.String({ minLength: 1, maxLength: 500_000 })),
});

const unreadable = (field: 'url' | 'xml', message: string, remedy: string) =>
  refusal('METADATA_UNREADABLE', 'rule', 'The metadata could not be read.', [
    { field, rule: 'metadata', message, remedy },
  ]);

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
        certificates: (provider.values.certificates ?? []).map(certificateShown),
        latestAttempt: latest
          ? { reason: null, found: null, ...attempt, person: personShown(person) }
          : null,
      },
    };
  };

  const readMetadata = async ({ body }: Call): Promise<Answer | Refusal> => {
    const given = checked<{ url?: string; xml?: string }>(
      metadataInput as unknown as TObject,
      body,
    );
    if (isRefusal(given)) return given as Refusal;
    const { url, xml } = given as { url?: string; xml?: string };
    const field = xml === undefined ? 'url' : 'xml';
    let text = xml;
    if (text === undefined) {
      // What went wrong on the way is not told: it would show what stands in our network.
      const answer = await sso.fetch(url ?? '', {}).catch(() => undefined);
      if (answer?.status !== 200) {
        const remedy =
          'Give a public address that starts with https and answers without a redirect, or paste ' +
          'the XML.';
        return unreadable(field, 'The address gave no metadata.', remedy);
      }
      text = await answer.text();
    }
    try {
      return { data: readProviderMetadata(text) };
    } catch (error) {
      if (!(error instanceof SsoProblem)) throw error;
      const remedy = 'Give the SAML 2.0 metadata of one identity provider, as it offers it.';
      return unreadable(field, `It was refused: ${error.found ?? error.reason}.`, remedy);
    }
  };

  const setSecret = async (call: Call): Promise<Answer | Refusal> => {
    const given = checked<{ clientSecret: string }>(secretInput as unknown as TObject, call.body);
    if (isRefusal(given)) return given as Refusal;
    const provider = await found(call);
    if (!provider) return missing;
    const { clientSecret } = given as { clientSecret: string };
    const { tenantId, id } = provider;
    // The fact first: who may not is refused before anything is kept.
    const result = await platform.dispatch('RecordSecretChange', {}, call.caller, { id });
    if (isRefusal(result)) return result as Refusal;
    await sso.secrets.setClientSecret(tenantId, id, clientSecret);
    return { status: 204 };
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
          certificates: {
            ...listOf(
              objectOf({ subject: text, validFrom: instant, validTo: instant, fingerprint: text }),
            ),
            description: 'Those it signs with, in their order; fingerprints are SHA-256.',
          },
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
      operation: 'read_provider_metadata',
      method: 'POST',
      path: '/identityProviders/read-metadata',
      tag: 'sso',
      summary: 'Read the SAML metadata of an identity provider',
      description: 'From its address or the XML; nothing is kept by it.',
      access: setUp,
      body: plain(metadataInput),
      answer: {
        status: 200,
        description: 'Fields of an identity provider, as the metadata gives them.',
        data: objectOf({ entityId: text, signOnUrl: text, certificates: listOf(text) }),
      },
      refusals: ['422 METADATA_UNREADABLE'],
      handle: readMetadata,
    },
    {
      operation: 'set_client_secret',
      method: 'PUT',
      path: '/identityProviders/:id/client-secret',
      tag: 'sso',
      summary: 'Give the client secret of an OpenID Connect provider',
      description: 'It is kept sealed and shown to nobody; the timeline tells that it changed.',
      access: setUp,
      stepUp: true,
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
      access: 'person',
      stepUp: true,
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

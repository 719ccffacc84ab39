import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '#test/support/free-port';
import { LemonLdap, withoutLemonLdap } from '#test/support/lemonldap';
import { Pysaml2, withoutPysaml2 } from '#test/support/pysaml2';
import { SimpleSamlPhp, withoutSimpleSamlPhp } from '#test/support/simplesamlphp';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';
import { ask, Browser, type Jar } from './sso-browser.js';

const PASSWORD = 'signature edition';

/** What stands in an attribute of a page. */
const plainText = (html: string) =>
  html
    .replaceAll(/&#(?:x([\da-f]+)|(\d+));/gi, (_all, hex: string, digits: string) =>
      String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(digits)),
    )
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
const fieldOf = (page: string, name: string) => {
  const tag = new RegExp(`<input[^>]* name="${name}"[^>]*>`).exec(page)?.[0] ?? '';
  const value = / value="([^"]*)"/.exec(tag)?.[1];
  if (value === undefined) throw new Error(`no ${name} on the page: ${page.slice(0, 500)}`);
  return plainText(value);
};

describe('single sign-on with independent identity providers', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let admin: TestUser;
  let domain: string;
  beforeAll(async () => {
    server = await startTestServer({ ssoPrivateProviders: true });
    workspace = await server.workspace();
    admin = await workspace.person('admin');
    domain = `${workspace.slug}.example`;
  });
  afterAll(() => server.close());

  const base = (id: string) => `/api/v1/auth/sso/${workspace.tenantId}/${id}`;
  const attributesOf = (name: string) => ({
    uid: [name],
    mail: [`${name}@${domain}`],
    givenName: ['Gavin'],
    sn: ['Belson'],
    groups: ['everybody', 'crm'],
  });

  async function added(values: object): Promise<string> {
    const answer = await admin.post('/identityProviders', {
      name: 'Hooli',
      kind: 'saml',
      domains: [domain],
      isActive: true,
      isProvisioning: true,
      groupRoles: [{ group: 'crm', role: 'manager' }],
      ...values,
    });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body.data.id;
  }

  /** Begins here, has the provider answer, and comes back: where that leads, and who is in. */
  async function signIn(id: string, answered: (location: string) => Promise<string> | string) {
    const browser = new Browser(server);
    const began = await browser.get(`${base(id)}/start?next=/deals`);
    const SAMLResponse = await answered(began.headers.get('location')!);
    const posted = await browser.post(`${base(id)}/acs`, { SAMLResponse });
    if (posted.status !== 303) {
      const { latestAttempt } = (await admin.get(`/identityProviders/${id}/setup`)).body.data;
      return latestAttempt.reason as string;
    }
    const finished = await browser.get(posted.headers.get('location')!);
    const session = await browser.session();
    if (!session.body?.data) return finished.text;
    const token = session.body.data.accessToken;
    const me = (await server.request('/api/v1/auth/me', { token })).body.data;
    return [finished.headers.get('location'), me.user.email, me.user.firstName, me.role];
  }
  const inAs = (name: string) => [
    '/sign-in?sso=done&next=%2Fdeals',
    `${name}@${domain}`,
    'Gavin',
    'manager',
  ];

  /** Signs in on SimpleSAMLphp's own pages, as a browser does. */
  async function atSimpleSamlPhp(location: string, username: string): Promise<string> {
    const there: Jar = { cookies: new Map() };
    let url = location;
    let answer = await ask(there, url);
    for (let step = 0; answer.headers.has('location') && step < 5; step++) {
      url = new URL(answer.headers.get('location')!, url).href;
      answer = await ask(there, url);
    }
    const AuthState = fieldOf(await answer.text(), 'AuthState');
    const form = { username, password: PASSWORD, AuthState };
    return fieldOf(await (await ask(there, url, form)).text(), 'SAMLResponse');
  }

  (withoutSimpleSamlPhp ? it.skip : it)(
    `S4 signs in through SimpleSAMLphp, set up by its metadata ${withoutSimpleSamlPhp}`.trim(),
    async () => {
      const there = await SimpleSamlPhp.start([
        { user: 'gavin', password: PASSWORD, attributes: attributesOf('gavin') },
        {
          user: 'stranger',
          password: PASSWORD,
          attributes: { ...attributesOf('stranger'), mail: ['stranger@elsewhere.example'] },
        },
      ]);
      try {
        const read = await admin.post('/identityProviders/read-metadata', {
          url: there.metadataUrl,
        });
        expect(read.body.data).toMatchObject({
          entityId: there.entityId,
          signOnUrl: `${there.url}/saml2/idp/SSOService.php`,
        });
        const id = await added({ ...read.body.data, isResponseSigned: true });
        const setup = (await admin.get(`/identityProviders/${id}/setup`)).body.data;
        expect(setup.certificates).toHaveLength(1);
        const trust = (more: object) => there.trust(setup.entityId, setup.acsUrl, more);
        const through = (name: string) => signIn(id, (location) => atSimpleSamlPhp(location, name));

        trust({});
        expect(await through('gavin')).toEqual(inAs('gavin'));
        expect(await through('stranger')).toContain('SSO_REFUSED');
        // Only what the provider's settings promise is taken.
        trust({ 'saml20.sign.response': false });
        expect(await through('gavin')).toBe('signature_invalid');
        await admin.patch(`/identityProviders/${id}`, { isResponseSigned: false });
        expect(await through('gavin')).toEqual(inAs('gavin'));
        trust({ 'saml20.sign.assertion': false });
        expect(await through('gavin')).toBe('signature_invalid');
        trust({ 'signature.algorithm': 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' });
        expect(await through('gavin')).toBe('signature_algorithm');
      } finally {
        await there.close();
      }
    },
    120_000,
  );

  (withoutPysaml2 ? it.skip : it)(
    `S4 signs in through pysaml2, with the response signed and not ${withoutPysaml2}`.trim(),
    async () => {
      const id = await added({
        entityId: 'urn:example:pysaml2',
        signOnUrl: 'https://pysaml2.example/sso',
        isActive: false,
      });
      const there = new Pysaml2((await server.request(`${base(id)}/metadata`)).text);
      try {
        const certificates = [there.certificate];
        const on = await admin.patch(`/identityProviders/${id}`, { certificates, isActive: true });
        expect(on.status).toBe(200);
        const through = (name: string, signed: boolean) =>
          signIn(id, (location) => there.answer(location, name, attributesOf(name), signed));
        expect(await through('nelson', true)).toEqual(inAs('nelson'));
        expect(await through('nelson', false)).toEqual(inAs('nelson'));
        await admin.patch(`/identityProviders/${id}`, { isResponseSigned: true });
        expect(await through('nelson', false)).toBe('signature_invalid');
      } finally {
        there.close();
      }
    },
    180_000,
  );

  (withoutLemonLdap ? it.skip : it)(
    `S4 signs in through LemonLDAP::NG ${withoutLemonLdap}`.trim(),
    async () => {
      // It reads whom it serves when it starts, so its addresses are known before.
      const port = await freePort();
      const id = await added({ domains: ['badwolf.org'], isActive: false });
      const metadata = (await server.request(`${base(id)}/metadata`)).text;
      const there = await LemonLdap.start(port, metadata);
      try {
        const url = there.metadataUrl;
        const read = (await admin.post('/identityProviders/read-metadata', { url })).body.data;
        const values = { ...read, isActive: true, isResponseSigned: true };
        expect((await admin.patch(`/identityProviders/${id}`, values)).status).toBe(200);
        const { user, domain: theirs } = there.person;
        const outcome = await signIn(id, async (location) => {
          const jar: Jar = { cookies: new Map() };
          const page = await (await ask(jar, location)).text();
          const form = { url: fieldOf(page, 'url'), user, password: user };
          return fieldOf(await (await ask(jar, location, form)).text(), 'SAMLResponse');
        });
        expect(outcome).toEqual([
          '/sign-in?sso=done&next=%2Fdeals',
          `${user}@${theirs}`,
          user,
          'member',
        ]);
      } finally {
        await there.close();
      }
    },
    120_000,
  );
});

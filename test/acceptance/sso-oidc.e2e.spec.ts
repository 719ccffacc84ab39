import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';
import { ask, type Jar } from './sso-browser.js';

const CLIENT_SECRET = 'a secret of forty characters, more or less';

describe('single sign-on by OpenID Connect', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let admin: TestUser;
  let issuer: Server;
  let issuerUrl: string;
  let domain: string;
  let id: string;
  /** What the issuer says of each subject. */
  const people = new Map<string, object>();

  beforeAll(async () => {
    issuer = createServer();
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    issuerUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    server = await startTestServer({ ssoPrivateProviders: true });
    workspace = await server.workspace();
    domain = `${workspace.slug}.example`;
    admin = await workspace.person('admin');
    const created = await admin.post('/identityProviders', {
      name: 'Hooli',
      kind: 'oidc',
      domains: [domain],
      isActive: true,
      issuerUrl,
      clientId: 'clientforge',
      isProvisioning: true,
      groupRoles: [{ group: 'crm', role: 'manager' }],
    });
    if (created.status !== 201) throw new Error(created.text);
    id = created.body.data.id as string;
    const secret = { clientSecret: CLIENT_SECRET };
    expect((await admin.put(`/identityProviders/${id}/client-secret`, secret)).status).toBe(204);
    issuer.on('request', await listener());
  });
  afterAll(async () => {
    issuer.closeAllConnections();
    await new Promise((resolve) => issuer.close(resolve));
    await server.close();
  });

  async function listener(): Promise<RequestListener> {
    const { default: Provider } = await import('oidc-provider');
    const provider = new Provider(issuerUrl, {
      clients: [
        {
          client_id: 'clientforge',
          client_secret: CLIENT_SECRET,
          redirect_uris: [`${publicBase()}/callback`],
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      claims: {
        openid: ['sub'],
        email: ['email'],
        profile: ['given_name', 'family_name', 'groups'],
      },
      cookies: { keys: ['of no account'] },
      pkce: { required: () => true },
      findAccount: (_ctx: unknown, sub: string) => ({
        accountId: sub,
        claims: () => ({ sub, ...people.get(sub) }),
      }),
    });
    return provider.callback();
  }

  const base = () => `/api/v1/auth/sso/${workspace.tenantId}/${id}`;
  const publicBase = () => `http://localhost:3000${base()}`;
  const jar = (): Jar => ({ cookies: new Map() });

  /** Begins, signs in at the issuer, and stops where its answer comes back to us. */
  async function answered(browser: Jar, sub: string): Promise<URL> {
    const began = await ask(browser, `${server.url}${base()}/start?next=/deals`);
    if (began.status !== 303) throw new Error(`${began.status} ${await began.text()}`);
    return atIssuer(began.headers.get('location')!, sub);
  }

  /** Fills in the issuer's own pages. */
  async function atIssuer(start: string, sub: string): Promise<URL> {
    const there = jar();
    let url = start;
    for (let step = 0; step < 15; step++) {
      const answer = await ask(there, url);
      const location = answer.headers.get('location');
      if (location) {
        url = new URL(location, url).href;
        if (url.startsWith('http://localhost:3000/')) return new URL(url);
        continue;
      }
      const page = await answer.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
      const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
      if (!prompt || !action) throw new Error(`${answer.status} ${page.slice(0, 500)}`);
      const sent = await ask(there, new URL(action, url).href, {
        prompt,
        login: sub,
        password: 'x',
      });
      url = new URL(sent.headers.get('location')!, url).href;
    }
    throw new Error('the issuer never came back');
  }

  /** Brings an answer of the issuer to us. */
  const bring = (browser: Jar, { pathname, search }: URL) =>
    ask(browser, `${server.url}${pathname}${search}`);

  async function signedIn(browser: Jar) {
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const path = '/api/v1/auth/refresh';
    const { body } = await server.request(path, { method: 'POST', body: {}, headers });
    if (!body.data) return undefined;
    const token = body.data.accessToken as string;
    return (await server.request('/api/v1/auth/me', { token })).body.data;
  }
  const describePerson = (sub: string, more: object = {}) =>
    people.set(sub, { email: `${sub}@${domain}`, given_name: 'Nelson', family_name: 'B', ...more });

  it('S8 signs in with PKCE, state and nonce, adds the person and follows the groups', async () => {
    describePerson('nelson', { groups: ['crm'] });
    const browser = jar();
    const began = await ask(browser, `${server.url}${base()}/start?next=/deals`);
    const asked = new URL(began.headers.get('location')!).searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    expect(asked.get('redirect_uri')).toBe(`${publicBase()}/callback`);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(asked.get(name)!.length).toBeGreaterThan(40);
    }
    const back = await atIssuer(began.headers.get('location')!, 'nelson');
    const done = await bring(browser, back);
    expect([done.status, done.headers.get('location')]).toEqual([
      303,
      '/sign-in?sso=done&next=%2Fdeals',
    ]);
    expect(await signedIn(browser)).toMatchObject({
      role: 'manager',
      user: { email: `nelson@${domain}`, firstName: 'Nelson' },
    });
    await server.settled();
  });

  it('S8 refuses another browser, state, issuer and code, and every answer the second time', async () => {
    describePerson('nelson', { groups: ['crm'] });
    const refused = async (change: (url: URL) => void, browser = jar()) => {
      const back = await answered(browser, 'nelson');
      change(back);
      const done = await bring(browser, back);
      return [done.status, done.headers.get('location'), await signedIn(browser)];
    };
    const no = [303, '/sign-in?sso=refused', undefined];
    const set = (name: string, value: string) => (url: URL) => url.searchParams.set(name, value);
    expect(await refused((url) => url.searchParams.delete('state'))).toEqual(no);
    expect(await refused(set('state', `_${'0'.repeat(40)}`))).toEqual(no);
    expect(await refused(set('iss', 'https://evil.example'))).toEqual(no);
    expect(await refused((url) => url.searchParams.delete('iss'))).toEqual(no);
    expect(await refused(set('code', 'made-up'))).toEqual(no);
    expect(await refused(set('error', 'access_denied'))).toEqual(no);
    // The code of one sign-in under the state of another: PKCE and nonce do not fit.
    const [one, two] = [jar(), jar()];
    const [mine, theirs] = [await answered(one, 'nelson'), await answered(two, 'nelson')];
    mine.searchParams.set('code', theirs.searchParams.get('code')!);
    expect((await bring(one, mine)).headers.get('location')).toBe('/sign-in?sso=refused');
    expect((await bring(one, theirs)).headers.get('location')).toBe('/sign-in?sso=refused');
    const browser = jar();
    const back = await answered(browser, 'nelson');
    expect((await bring(jar(), back)).headers.get('location')).toBe('/sign-in?sso=refused');
    expect((await bring(browser, back)).headers.get('location')).toContain('sso=done');
    expect((await bring(browser, back)).headers.get('location')).toBe('/sign-in?sso=refused');
  });

  it('S8 ties accounts to issuer and subject, never to an address', async () => {
    const member = await workspace.person('member');
    people.set('stranger', { email: member.email });
    const browser = jar();
    const done = await bring(browser, await answered(browser, 'stranger'));
    expect(done.headers.get('location')).toBe('/sign-in?sso=refused');
    expect(await signedIn(browser)).toBeUndefined();
    // Whoever owns the account ties it, signed in.
    const linking = await member.post(`/auth/sso/providers/${id}/link`, { next: '/profile' });
    const cookie = linking.headers.getSetCookie()[0]!.split(';')[0]!.split('=');
    const own: Jar = { cookies: new Map([[cookie[0]!, cookie[1]!]]) };
    const linked = await bring(own, await atIssuer(linking.body.data.location, 'stranger'));
    expect(linked.headers.get('location')).toBe('/profile');
    expect(await signedIn(own)).toBeUndefined();
    const again = jar();
    await bring(again, await answered(again, 'stranger'));
    expect((await signedIn(again)).user.id).toBe(member.id);
    // Another address there changes nothing here: the subject is who it is.
    people.set('stranger', { email: `else@${domain}` });
    const later = jar();
    await bring(later, await answered(later, 'stranger'));
    expect((await signedIn(later)).user.id).toBe(member.id);
    // Nobody ties an identity that is somebody else's.
    const other = await workspace.person('member');
    const theft = await other.post(`/auth/sso/providers/${id}/link`, {});
    const [name, value] = theft.headers.getSetCookie()[0]!.split(';')[0]!.split('=');
    const thief: Jar = { cookies: new Map([[name!, value!]]) };
    const taken = await bring(thief, await atIssuer(theft.body.data.location, 'stranger'));
    expect(taken.headers.get('location')).toBe('/sign-in?sso=refused');
  });

  it('S8 shows the client secret nowhere', async () => {
    await server.settled();
    const shown = await admin.get(`/identityProviders/${id}`);
    expect(shown.body.data.hasSecret).toBe(true);
    const timeline = await admin.get(`/identityProviders/${id}/activities`);
    const setup = await admin.get(`/identityProviders/${id}/setup`);
    for (const { text } of [shown, timeline, setup]) expect(text).not.toContain(CLIENT_SECRET);
    const { rows } = await server.test.admin((client) =>
      client.query<{ found: string }>(
        `SELECT 'log' AS found FROM es_event WHERE data LIKE '%' || $1 || '%' OR meta LIKE '%' || $1 || '%'
         UNION ALL SELECT 'row' FROM auth_sso_secret WHERE sealed LIKE '%' || $1 || '%'`,
        [CLIENT_SECRET],
      ),
    );
    expect(rows).toEqual([]);
  });
});

describe('addresses that providers are asked at', () => {
  it('S8 are public and have TLS, unless the settings say otherwise', async () => {
    const { guardedFetch } = await import('#apps/api/auth/sso/oidc/guarded-fetch');
    const reach = guardedFetch({ reachesPrivate: false });
    const refused = [
      'http://idp.example/',
      'https://127.0.0.1/',
      'https://[::1]/',
      'https://[::ffff:127.0.0.1]/',
      'https://0/',
      'https://2130706433/',
      'https://10.0.0.1/',
      'https://169.254.169.254/latest/meta-data',
      'https://localhost/',
      'https://user:pass@idp.example/',
      'https://idp.example:8443/',
      'file:///etc/passwd',
    ];
    for (const url of refused)
      await expect(reach(url, {})).rejects.toThrow(/public|https|cred|port/);
  });
});

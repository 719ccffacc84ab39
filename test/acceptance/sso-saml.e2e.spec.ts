import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';
import { encoded, forgerKeys, signedResponse, type Forged } from './sso-forger.js';
import { Browser, startSecond } from './sso-browser.js';

const PASSWORD = 'violet kettle runs uphill';
const IDP = 'https://idp.hooli.com/saml';
const keys = forgerKeys();
const HTML = { accept: 'text/html' };

describe('single sign-on by SAML', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let admin: TestUser;
  let provider: { id: string };
  let domain: string;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    admin = await workspace.person('admin');
    domain = `${workspace.slug}.example`;
    provider = await providerOf(workspace, admin);
  });
  afterAll(() => server.close());

  async function providerOf(_where: TestWorkspace, by: TestUser, more: object = {}) {
    const answer = await by.post('/identityProviders', {
      name: 'Hooli',
      kind: 'saml',
      domains: [domain],
      isActive: true,
      entityId: IDP,
      signOnUrl: 'https://idp.hooli.com/sso',
      certificates: [keys.own.certificate],
      isProvisioning: true,
      groupRoles: [{ group: 'crm-managers', role: 'manager' }],
      ...more,
    });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body.data as { id: string };
  }
  const base = (id = provider.id, tenantId = workspace.tenantId) =>
    `/api/v1/auth/sso/${tenantId}/${id}`;
  const address = (what: string, id = provider.id, tenantId = workspace.tenantId) =>
    `http://localhost:3000${base(id, tenantId)}/${what}`;

  /** Begins a sign-in; the id of the request the provider is asked to answer. */
  async function begun(browser: Browser, at = base(), next = '/deals') {
    const answer = await browser.get(`${at}/start?next=${encodeURIComponent(next)}`);
    expect([answer.status, answer.text]).toEqual([303, expect.any(String)]);
    const location = new URL(answer.headers.get('location')!);
    expect(location.href).toMatch(/^https:\/\/idp\.hooli\.com\/sso\?SAMLRequest=/);
    const { inflateRawSync } = await import('node:zlib');
    const message = location.searchParams.get('SAMLRequest')!;
    const xml = inflateRawSync(Buffer.from(message, 'base64')).toString();
    return / ID="([^"]+)"/.exec(xml)![1]!;
  }
  const forged = (requestId: string | null, more: Partial<Forged> = {}) =>
    encoded(
      signedResponse(
        {
          issuer: IDP,
          audience: address('metadata'),
          acsUrl: address('acs'),
          inResponseTo: requestId,
          ...more,
        },
        { key: keys.own },
      ),
    );
  const person = (name: string, more: Record<string, readonly string[]> = {}) => ({
    subject: name,
    attributes: { email: [`${name}@${domain}`], firstName: ['Nelson'], lastName: ['B'], ...more },
  });

  const refreshed = (refreshToken: string) =>
    server.request('/api/v1/auth/refresh', { method: 'POST', body: { refreshToken } });
  async function signIn(browser: Browser, more: Partial<Forged>) {
    const requestId = await begun(browser);
    const posted = await browser.post(`${base()}/acs`, { SAMLResponse: forged(requestId, more) });
    if (posted.status !== 303) return posted;
    return browser.get(posted.headers.get('location')!);
  }

  it('S2 signs in who the provider vouches for, adds and updates them', async () => {
    const browser = new Browser(server);
    const answer = await signIn(browser, person('nelson'));
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/sign-in?sso=done&next=%2Fdeals',
    ]);
    expect(answer.headers.getSetCookie().join()).toMatch(/refresh=.*HttpOnly.*SameSite=Strict/i);
    const { body } = await browser.session();
    const me = async () => {
      const token = ((await browser.session()).body ?? body).data.accessToken as string;
      return (await server.request('/api/v1/auth/me', { token })).body.data;
    };
    const first = await me();
    expect(first).toMatchObject({
      role: 'member',
      user: { firstName: 'Nelson', email: `nelson@${domain}`, status: 'active' },
    });
    await signIn(browser, person('nelson', { groups: ['all', 'crm-managers'] }));
    expect(await me()).toMatchObject({ role: 'manager', user: { id: first.user.id } });
    await server.settled();
    const events = await workspace.events();
    expect(events).toEqual(expect.arrayContaining(['IdentityProviderCreated']));
    const timeline = await admin.get(`/users/${first.user.id}/activities`);
    expect(timeline.text).toContain('signed_in');
    expect(timeline.text).toContain('identity_linked');
  });

  it('S2 lets in who was there before, by the address the provider vouches for', async () => {
    const member = await workspace.withPassword('member', PASSWORD);
    const browser = new Browser(server);
    const more = { subject: 'x-17', attributes: { mail: [member.email.toUpperCase()] } };
    expect((await signIn(browser, more)).headers.get('location')).toContain('sso=done');
    const { accessToken } = (await browser.session()).body.data;
    const me = await server.request('/api/v1/auth/me', { token: accessToken });
    expect(me.body.data.user.id).toBe(member.id);
  });

  it('S2 makes nobody an owner by an address alone', async () => {
    const owner = await workspace.withPassword('owner', PASSWORD);
    const answer = await signIn(new Browser(server), {
      subject: 'boss',
      attributes: { email: [owner.email] },
    });
    expect([answer.status, answer.body.error.code]).toEqual([401, 'SSO_REFUSED']);
  });

  it('S2 refuses other domains, strangers where nobody is added, and who was deactivated', async () => {
    const refused = async (more: Partial<Forged>) => {
      const { status, body } = await signIn(new Browser(server), more);
      return [status, body?.error.code];
    };
    const no = [401, 'SSO_REFUSED'];
    const elsewhere = { email: ['x@elsewhere.example'] };
    expect(await refused({ subject: 'a', attributes: elsewhere })).toEqual(no);
    expect(await refused({ subject: 'b', attributes: {} })).toEqual(no);
    const gone = new Browser(server);
    await signIn(gone, person('gone'));
    const { userId } = (await gone.session()).body.data;
    expect((await admin.post(`/users/${userId}/deactivate`)).status).toBe(200);
    expect(await refused(person('gone'))).toEqual(no);
  });

  it('S2 takes a response once, also when two processes get it at the same moment', async () => {
    const second = await startSecond(server);
    try {
      const browser = new Browser(server);
      const requestId = await begun(browser);
      const SAMLResponse = forged(requestId, person('nelson'));
      const post = (url: string) =>
        fetch(`${url}${base()}/acs`, {
          method: 'POST',
          body: new URLSearchParams({ SAMLResponse }),
          redirect: 'manual',
        });
      const urls = [server.url, second.url, server.url, second.url];
      const answers = await Promise.all(urls.map(post));
      expect(answers.map(({ status }) => status).sort()).toEqual([303, 401, 401, 401]);
      expect((await post(second.url)).status).toBe(401);
      // The same assertion is refused for another request as well.
      const again = await begun(browser);
      const twice = forged(again, { ...person('nelson'), assertionId: '_same' });
      expect((await browser.post(`${base()}/acs`, { SAMLResponse: twice })).status).toBe(303);
      const third = await begun(browser);
      const used = forged(third, { ...person('nelson'), assertionId: '_same' });
      expect((await browser.post(`${base()}/acs`, { SAMLResponse: used })).status).toBe(401);
    } finally {
      await second.close();
    }
  });

  it('S2 gives what a response brings only to the browser that asked for it, once', async () => {
    const [victim, attacker] = [new Browser(server), new Browser(server)];
    const requestId = await begun(attacker);
    const posted = await victim.post(`${base()}/acs`, {
      SAMLResponse: forged(requestId, person('mallory')),
    });
    const finish = posted.headers.get('location')!;
    expect((await victim.get(finish)).status).toBe(401);
    await begun(victim);
    expect((await victim.get(finish)).status).toBe(401);
    expect((await attacker.get(finish)).headers.get('location')).toContain('sso=done');
    expect((await attacker.get(finish)).status).toBe(401);
  });

  it('S2 refuses the response of one workspace in another, though the provider is the same', async () => {
    const other = await server.workspace();
    const there = await providerOf(other, await other.person('admin'));
    const browser = new Browser(server);
    const requestId = await begun(browser);
    const SAMLResponse = forged(requestId, person('nelson'));
    const foreign = [
      base(there.id, other.tenantId),
      base(provider.id, other.tenantId),
      base(there.id),
    ];
    for (const at of foreign) {
      const { status, body } = await browser.post(`${at}/acs`, { SAMLResponse });
      expect([at, status, body.error.code]).toEqual([at, 401, 'SSO_REFUSED']);
    }
    const request = await begun(browser, base(there.id, other.tenantId));
    const crossed = forged(request, person('nelson'));
    const at = `${base(there.id, other.tenantId)}/acs`;
    expect((await browser.post(at, { SAMLResponse: crossed })).status).toBe(401);
  });

  it('S2 turns an unsolicited response into a sign-in of our own', async () => {
    const browser = new Browser(server);
    const RelayState = '/companies?view=mine';
    const tile = { SAMLResponse: forged(null, person('nelson')), RelayState };
    const answer = await browser.post(`${base()}/acs`, tile);
    const next = encodeURIComponent(RelayState);
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `${base()}/start?next=${next}`,
    ]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/%0d%0aset-cookie: a=b\r\nx',
    '/api/v1/auth/logout',
    `/${'a'.repeat(600)}`,
  ])('S2 follows no RelayState or next to %s', async (RelayState) => {
    const browser = new Browser(server);
    const tile = { SAMLResponse: forged(null, person('nelson')), RelayState };
    const answer = await browser.post(`${base()}/acs`, tile);
    expect(answer.headers.get('location')).toBe(`${base()}/start?next=%2F`);
    const requestId = await begun(browser, base(), RelayState);
    const response = { SAMLResponse: forged(requestId, person('nelson')), RelayState };
    const posted = await browser.post(`${base()}/acs`, response);
    const done = await browser.get(posted.headers.get('location')!);
    expect(done.headers.get('location')).toBe('/sign-in?sso=done&next=%2F');
  });

  it('S1 answers every refusal alike, and tells administrators why', async () => {
    const browser = new Browser(server);
    const answers = [];
    const wrong: Partial<Forged>[] = [
      { issuer: 'https://evil.example' },
      { recipient: 'https://evil.example' },
      { audience: 'https://evil.example' },
      { notOnOrAfter: -600_000 },
      { inResponseTo: '_unknown' },
      { attributes: { email: ['x@elsewhere.example'] }, subject: 'z' },
    ];
    for (const change of wrong) {
      const { status, body } = await signIn(browser, change);
      answers.push(JSON.stringify([status, body.error]));
    }
    for (const SAMLResponse of ['', 'x', encoded('<a/>')]) {
      const { status, body } = await browser.post(`${base()}/acs`, { SAMLResponse });
      answers.push(JSON.stringify([status, body.error]));
    }
    const nowhere = await browser.post(`${base(admin.id)}/acs`, { SAMLResponse: 'x' });
    answers.push(JSON.stringify([nowhere.status, nowhere.body.error]));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toMatch(/issuer|audience|signature/i);
    const html = await browser.post(`${base()}/acs`, { SAMLResponse: 'x' }, HTML);
    expect([html.status, html.headers.get('location')]).toEqual([303, '/sign-in?sso=refused']);
    await server.settled();
    const timeline = await admin.get(`/identityProviders/${provider.id}/activities?limit=100`);
    for (const reason of ['issuer_wrong', 'audience_wrong', 'recipient_wrong', 'time_invalid']) {
      expect(timeline.text).toContain(reason);
    }
    const setup = await admin.get(`/identityProviders/${provider.id}/setup`);
    expect(setup.body.data).toMatchObject({
      entityId: address('metadata'),
      acsUrl: address('acs'),
      latestAttempt: { result: 'refused', reason: 'message_unreadable' },
    });
  });

  it('S2 takes forms only where a form is meant, and JSON nowhere else', async () => {
    const browser = new Browser(server);
    const login = await browser.post('/api/v1/auth/login', { email: 'a@b.example', password: 'x' });
    expect(login.status).toBe(415);
    const raw = JSON.stringify({ SAMLResponse: 'x' });
    const json = await server.request(`${base()}/acs`, { method: 'POST', raw });
    expect(json.status).toBe(415);
    const large = await browser.post(`${base()}/acs`, { SAMLResponse: 'A'.repeat(600_000) });
    expect(large.status).toBe(413);
  });

  it('S2 shows metadata of its own for each provider', async () => {
    const metadata = await server.request(`${base()}/metadata`);
    expect(metadata.headers.get('content-type')).toContain('samlmetadata+xml');
    expect(metadata.text).toContain(`entityID="${address('metadata')}"`);
    expect(metadata.text).toContain(`Location="${address('acs')}"`);
  });

  it('S9 who signed in through a provider goes on when it is forced', async () => {
    const signed = await signIn(new Browser(server), person('erlich'));
    const token = /clientforge-refresh=(\w[^;]+)/.exec(signed.headers.getSetCookie().join())![1]!;
    const { id: ownerId } = await workspace.person('owner');
    const path = `/identityProviders/${provider.id}`;
    const forced = await admin.patch(path, { isForced: true, breakGlassIds: [ownerId] });
    expect(forced.status).toBe(200);
    await server.settled();
    expect((await refreshed(token)).status).toBe(200);
    expect((await admin.patch(path, { isForced: false })).status).toBe(200);
    await server.settled();
  });

  it('S2 forced single sign-on refuses passwords except those of break-glass owners', async () => {
    const where = await server.workspace();
    const boss = await where.withPassword('owner', PASSWORD);
    const other = await where.withPassword('owner', PASSWORD);
    const member = await where.withPassword('member', PASSWORD);
    const by = await where.person('admin');
    const domains = [`${where.slug}.example`];
    const forced = { domains, isForced: true };
    const oidc = { name: 'H', kind: 'oidc', isActive: true, issuerUrl: IDP, clientId: 'x' };
    const alone = { ...oidc, ...forced, breakGlassIds: [member.id] };
    const without = await by.post('/identityProviders', alone);
    expect([without.status, without.body.error.code]).toEqual([422, 'BREAK_GLASS_MISSING']);
    const answerTo = (email: string, password: string) =>
      server.request('/api/v1/auth/login', {
        method: 'POST',
        body: { email, password, workspace: where.slug },
      });
    const login = async (email: string, password = PASSWORD) => {
      const answer = await answerTo(email, password);
      return answer.body.error?.code ?? answer.status;
    };
    const before = await Promise.all([boss, member].map(({ email }) => answerTo(email, PASSWORD)));
    const { id } = await providerOf(where, by, { ...forced, breakGlassIds: [boss.id] });
    await server.settled();
    // Who signed in by a password before goes on no longer than their access token.
    const goOn = before.map(({ body }) => refreshed(body.data.refreshToken));
    expect((await Promise.all(goOn)).map(({ status }) => status)).toEqual([200, 401]);
    expect(await login(member.email)).toBe('SSO_REQUIRED');
    expect(await login(member.email, 'a wrong password indeed')).toBe('SIGN_IN_REFUSED');
    expect(await login(other.email)).toBe('SSO_REQUIRED');
    expect(await login(boss.email)).toBe(200);
    expect((await by.patch(`/identityProviders/${id}`, { isActive: false })).status).toBe(200);
    await server.settled();
    expect(await login(member.email)).toBe(200);
  });

  it('S2 lets nobody but administrators see or change a provider', async () => {
    for (const role of ['manager', 'member', 'viewer'] as const) {
      const user = await workspace.person(role);
      const path = `/identityProviders/${provider.id}`;
      const answers = [
        await user.get('/identityProviders'),
        await user.get(path),
        await user.get(`${path}/setup`),
        await user.patch(path, { name: 'Mine' }),
        await user.put(`${path}/client-secret`, { clientSecret: 'x' }),
        await user.post(`${path}/test`, {}),
      ];
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
    }
    const stranger = await (await server.workspace()).person('owner');
    expect((await stranger.get(`/identityProviders/${provider.id}`)).status).toBe(404);
    expect((await stranger.get(`/identityProviders/${provider.id}/setup`)).status).toBe(404);
  });

  it('S2 a test signs nobody in and shows what was read', async () => {
    const browser = new Browser(server);
    const path = `/identityProviders/${provider.id}`;
    const begunTest = await admin.post(`${path}/test`, { next: '/settings/sso' });
    const location = new URL(begunTest.body.data.location);
    const { inflateRawSync } = await import('node:zlib');
    const message = Buffer.from(location.searchParams.get('SAMLRequest')!, 'base64');
    const requestId = / ID="([^"]+)"/.exec(inflateRawSync(message).toString())![1]!;
    const cookie = begunTest.headers.getSetCookie()[0]!.split(';')[0]!;
    const more = person('tester', { groups: ['crm-managers'] });
    const posted = await browser.post(`${base()}/acs`, { SAMLResponse: forged(requestId, more) });
    const finish = posted.headers.get('location')!;
    const done = await server.request(finish, { headers: { cookie } });
    expect([done.headers.get('location'), done.headers.getSetCookie()]).toEqual([
      '/settings/sso',
      [],
    ]);
    const { body } = await admin.get(`${path}/setup`);
    expect(body.data.latestAttempt).toMatchObject({
      result: 'tested',
      person: { email: `tester@${domain}`, groups: ['crm-managers'], role: 'manager' },
    });
    await server.settled();
    const found = await admin.get(`/users?email=tester@${domain}`);
    expect(found.body.data).toEqual([]);
  });
});

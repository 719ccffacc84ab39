import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Callers } from '#apps/api/http/request-context';
import { systemContext } from '#platform/platform';
import { forged } from '#test/support/forged';
import {
  startTestServer,
  type RequestOptions,
  type TestServer,
  type TestWorkspace,
} from '#test/support/server';

const password = 'violet kettle runs uphill';

describe('signing in over REST', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    // Each request may say where it comes from, so that no lock gets in the way of counting.
    server = await startTestServer({ trustedProxies: ['127.0.0.1'] });
    workspace = await server.workspace();
  });
  afterAll(() => server.close());
  const auth = (path: string, body: unknown, options: RequestOptions = {}) =>
    server.request(`/api/v1/auth/${path}`, { method: 'POST', body, ...options });
  const login = (email: string, given = password, slug: string | undefined = workspace.slug) =>
    auth('login', { ...(slug ? { workspace: slug } : {}), email, password: given });
  const eventsOf = async (id: string) => {
    await server.settled();
    const { rows } = await server.test.admin((client) =>
      client.query<{ type: string }>(
        'SELECT type FROM es_event WHERE stream_id = $1 ORDER BY version',
        [`user-${id}`],
      ),
    );
    return rows.map(({ type }) => type).slice(1);
  };
  const me = (token: string) => server.request('/api/v1/auth/me', { token });

  it('gives an access token that says who one is, and keeps that it happened', async () => {
    const { id, email } = await workspace.withPassword('manager', password);
    const reply = await login(email.toUpperCase());
    expect(reply.status).toBe(200);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('set-cookie')).toBeNull();
    const { accessToken, refreshToken, userId } = reply.body.data;
    expect([userId, reply.body.data.tokenType]).toEqual([id, 'Bearer']);
    expect((await me(accessToken)).body.data).toMatchObject({
      user: { id, email, fullName: 'Person manager' },
      workspace: { id: workspace.tenantId, slug: workspace.slug, timeZone: 'UTC' },
      role: 'manager',
      permissions: { 'deals:update': 'team' },
    });

    const next = (await auth('refresh', { refreshToken })).body.data;
    expect(next.refreshToken).not.toBe(refreshToken);
    expect((await me(next.accessToken)).status).toBe(200);
    const out = await server.request('/api/v1/auth/logout', {
      method: 'POST',
      token: next.accessToken,
    });
    expect(out.status).toBe(204);
    expect((await me(next.accessToken)).status).toBe(401);
    expect((await auth('refresh', { refreshToken: next.refreshToken })).status).toBe(401);
    expect(await eventsOf(id)).toEqual(['UserSignedIn', 'UserSignedOut']);
  });

  it('finds the workspace by itself where the address is used in one only', async () => {
    const other = await server.workspace();
    const one = await workspace.withPassword('member', password);
    await server.settled();
    expect((await login(one.email, password, '')).body.data.userId).toBe(one.id);
    // The same person in another workspace, with the same password.
    const twin = await other.withPassword('member', password);
    const owner = await other.person('owner');
    const moved = await owner.patch(`/users/${twin.id}`, { email: one.email });
    expect(moved.status).toBe(200);
    await server.settled();
    const asked = await login(one.email, password, '');
    expect([asked.status, asked.body.error.code]).toEqual([409, 'WORKSPACE_NEEDED']);
    expect(asked.body.error.details[0].value.sort()).toEqual([other.slug, workspace.slug].sort());
    expect((await login(one.email, 'something else here', '')).status).toBe(401);
    expect((await login(one.email, password, other.slug)).body.data.userId).toBe(twin.id);
  });

  it('S11 answers an unknown address, a wrong password and a closed account alike', async () => {
    const known = await workspace.withPassword('member', password);
    const closed = await workspace.withPassword('member', password);
    const owner = await workspace.person('owner');
    await owner.post(`/users/${closed.id}/deactivate`, {});
    const replies = [
      await login(known.email, 'not the password'),
      await login('nobody@hooli.example'),
      await login(closed.email),
      await login(known.email, password, 'no-such-workspace'),
    ];
    for (const reply of replies) {
      expect(reply.status).toBe(401);
      expect(reply.body.error).toEqual(replies[0]!.body.error);
      expect([...reply.headers.keys()]).toEqual([...replies[0]!.headers.keys()]);
    }
    expect(JSON.stringify(replies[0]!.body)).not.toContain('not the password');
    expect(await eventsOf(known.id)).toEqual(['UserSignInFailed']);
    expect(await eventsOf(closed.id)).toEqual(['UserDeactivated', 'UserSignInFailed']);
    expect((await login(known.email)).status).toBe(200);
  });

  it('S11 takes as long for an unknown address as for a wrong password', async () => {
    const { email } = await workspace.withPassword('member', password);
    const times: Record<string, number[]> = { [email]: [], 'nobody@hooli.example': [] };
    for (let n = 0; n < 100; n++) {
      for (const address of Object.keys(times)) {
        const body = { workspace: workspace.slug, email: address, password: 'wrong password' };
        const headers = { 'x-forwarded-for': `198.51.100.${n}` };
        const begin = performance.now();
        expect((await auth('login', body, { headers })).status).toBe(401);
        times[address]!.push(performance.now() - begin);
      }
    }
    const median = (all: number[]) => all.sort((a, b) => a - b)[50]!;
    const [known, unknown] = Object.values(times).map(median);
    expect(known! / unknown!).toBeGreaterThan(0.75);
    expect(known! / unknown!).toBeLessThan(1.33);
  }, 600_000);

  it('S11 locks after five failures, for people and for addresses nobody has', async () => {
    const { id, email } = await workspace.withPassword('member', password);
    for (const address of [email, 'nobody@raviga.example']) {
      for (let n = 0; n < 5; n++) expect((await login(address, 'wrong password')).status).toBe(401);
      const locked = await login(address);
      expect([locked.status, locked.body.error.code]).toEqual([429, 'TOO_MANY_ATTEMPTS']);
      expect((await login(address)).status).toBe(429);
    }
    // From another place the same person gets in.
    const elsewhere = { headers: { 'x-forwarded-for': '192.0.2.44' } };
    const credentials = { workspace: workspace.slug, email, password };
    expect((await auth('login', credentials, elsewhere)).status).toBe(200);
    const failed = Array.from({ length: 5 }, () => 'UserSignInFailed');
    expect(await eventsOf(id)).toEqual([...failed, 'UserSignInFailed', 'UserSignedIn']);
  });

  it('S11 forgets no attempts on a namesake in another workspace', async () => {
    const { id, email } = await workspace.withPassword('member', password);
    const other = await server.workspace();
    const twin = await other.withPassword('owner', 'the other password here');
    expect((await (await other.person('owner')).patch(`/users/${twin.id}`, { email })).status).toBe(
      200,
    );
    await server.settled();
    for (let n = 0; n < 4; n++) expect((await login(email, 'wrong password')).status).toBe(401);
    const signedIn = await login(email, 'the other password here', '');
    expect(signedIn.body.data.userId).toBe(twin.id);
    const locked = await login(email, 'wrong password');
    expect([locked.status, locked.body.error.code]).toEqual([429, 'TOO_MANY_ATTEMPTS']);
    expect(await eventsOf(id)).toContain('UserSignInFailed');
  });

  it('S7 a refresh token that comes twice ends the session', async () => {
    const { id, email } = await workspace.withPassword('member', password);
    const { refreshToken } = (await login(email)).body.data;
    const second = (await auth('refresh', { refreshToken })).body.data;
    const third = (await auth('refresh', { refreshToken: second.refreshToken })).body.data;
    expect((await auth('refresh', { refreshToken })).status).toBe(401);
    expect((await me(third.accessToken)).status).toBe(401);
    expect(await eventsOf(id)).toEqual(['UserSignedIn', 'UserSignedOut']);
  });

  it('S9 S10 gives pages a cookie no script reads, and other sites nothing', async () => {
    const { email } = await workspace.withPassword('member', password);
    const page = { headers: { 'sec-fetch-site': 'same-origin' } };
    const credentials = { workspace: workspace.slug, email, password };
    const reply = await auth('login', credentials, page);
    const cookie = reply.headers.get('set-cookie')!;
    expect(cookie).toMatch(
      /^clientforge-refresh=.+; Path=\/api\/v1\/auth; .*HttpOnly; SameSite=Strict$/,
    );
    expect(reply.body.data).not.toHaveProperty('refreshToken');
    const sent = { cookie: cookie.split(';')[0]! };
    const foreign = { headers: { ...sent, 'sec-fetch-site': 'cross-site' } };
    expect((await auth('refresh', {}, foreign)).status).toBe(403);
    expect((await auth('login', credentials, foreign)).status).toBe(403);
    const evil = { headers: { ...sent, origin: 'https://evil.example' } };
    expect((await auth('refresh', {}, evil)).status).toBe(403);
    const renewed = await auth('refresh', {}, { headers: { ...sent, ...page.headers } });
    expect(renewed.status).toBe(200);
    expect(renewed.headers.get('set-cookie')).not.toBe(cookie);
    expect((await auth('refresh', {})).status).toBe(401);
  });

  it('S9 ends what somebody may do within seconds of losing role, account or workspace', async () => {
    const owner = await workspace.person('owner');
    const member = await workspace.person('member');
    const body = { name: 'Before' };
    expect((await member.post('/companies', body)).status).toBe(201);
    await owner.put(`/users/${member.id}/role`, { role: 'viewer' });
    expect((await member.post('/companies', body)).status).toBe(403);
    await owner.post(`/users/${member.id}/deactivate`, {});
    expect((await member.get('/companies')).status).toBe(401);
    expect((await owner.get('/companies')).status).toBe(200);
  });

  it.each([
    ['deactivated', { reactivate: true }],
    ['with a new password', { reactivate: false }],
  ])('S9 ends the sessions of a person who is %s', async (_name, { reactivate }) => {
    const { platform } = server;
    const owner = await workspace.person('owner');
    const { id, email } = await workspace.withPassword('member', password);
    const before = (await login(email)).body.data;
    const ctx = systemContext(workspace.tenantId, 'spec');
    if (reactivate) {
      expect(await platform.dispatch('DeactivateUser', {}, ctx, { id })).toMatchObject({ id });
      await platform.dispatch('ReactivateUser', {}, ctx, { id });
    } else {
      const change = { how: 'administrator', sessionsEnded: true };
      await platform.dispatch('RecordPasswordChange', change, ctx, { id });
    }
    const after = (await login(email)).body.data;
    await server.settled();
    server.app.get(Callers).forget(workspace.tenantId);
    expect((await me(before.accessToken)).status).toBe(401);
    expect((await me(after.accessToken)).status).toBe(200);
    const old = await auth('refresh', { refreshToken: before.refreshToken });
    expect([old.status, old.body.error.code]).toEqual([401, 'SESSION_ENDED']);
    expect((await auth('refresh', { refreshToken: after.refreshToken })).status).toBe(200);
    expect((await owner.get('/companies')).status).toBe(200);
  });

  it('S6 takes no token but its own', async () => {
    const owner = await workspace.person('owner');
    const [head, claims, signature] = owner.token.split('.');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const none = `${part({ alg: 'none', typ: 'at+jwt' })}.${claims}.`;
    const { refreshToken } = (await login((await workspace.withPassword('member', password)).email))
      .body.data;
    for (const token of [
      none,
      forged(`${head}.${claims}.${signature}`),
      `${head}.${part({ sub: owner.id })}.${signature}`,
      refreshToken,
      'x',
    ]) {
      const reply = await me(token);
      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    expect((await me(owner.token)).status).toBe(200);
  });
});

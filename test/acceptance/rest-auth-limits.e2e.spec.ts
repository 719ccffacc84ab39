import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '#test/support/server';

describe('what sign-in takes from one address', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({}, { signInsPerMinute: 3 });
  });
  afterAll(() => server.close());
  const login = (body: unknown) => server.request('/api/v1/auth/login', { method: 'POST', body });

  it('refuses bodies beyond 16 kB', async () => {
    const padded = (bytes: number) => ({ email: 'x'.repeat(bytes), password: 'p' });
    expect((await login(padded(15_000))).status).toBe(400);
    const reply = await login(padded(17_000));
    expect([reply.status, reply.body.error.code]).toEqual([413, 'BODY_TOO_LARGE']);
    for (const path of ['refresh', 'logout']) {
      const body = { refreshToken: 'x'.repeat(17_000) };
      const refused = await server.request(`/api/v1/auth/${path}`, { method: 'POST', body });
      expect([path, refused.status]).toEqual([path, 413]);
    }
  });

  it('refuses attempts beyond those of a minute, whatever the accounts', async () => {
    const attempt = (n: number) =>
      login({ email: `person${n}@hooli.example`, password: 'not the password' });
    for (let n = 0; n < 3; n++) expect((await attempt(n)).status).toBe(401);
    const reply = await attempt(3);
    expect([reply.status, reply.body.error.code]).toEqual([429, 'TOO_MANY_ATTEMPTS']);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(10);
    expect(Number(reply.headers.get('retry-after'))).toBeLessThanOrEqual(20);
  });
});

it('sign-in lasts as long as the settings say', async () => {
  const server = await startTestServer({ accessTokenMinutes: 3, refreshTokenDays: 2 });
  try {
    const password = 'violet kettle runs uphill';
    const workspace = await server.workspace();
    const { email } = await workspace.withPassword('member', password);
    const now = Date.now();
    const ask = async (path: string, body: object) =>
      (await server.request(`/api/v1/auth/${path}`, { method: 'POST', body })).body.data;
    const first = await ask('login', { email, password, workspace: workspace.slug });
    const second = await ask('refresh', { refreshToken: first.refreshToken });
    for (const { accessTokenExpiresAt, refreshTokenExpiresAt } of [first, second]) {
      expect((Date.parse(accessTokenExpiresAt) - now) / 60_000).toBeCloseTo(3, 0);
      expect((Date.parse(refreshTokenExpiresAt) - now) / 86_400_000).toBeCloseTo(2, 1);
    }
  } finally {
    await server.close();
  }
});

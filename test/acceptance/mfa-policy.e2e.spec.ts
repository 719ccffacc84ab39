import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { totpCode } from '#platform/auth/totp';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const password = 'violet kettle runs uphill';

describe('how people sign in', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    owner = await workspace.person('owner');
  });
  afterAll(() => server?.close());

  const policy = async () => {
    await server.settled();
    return (await owner.get('/tenant/sign-in-policy')).body.data;
  };
  const of = (role: string, { people }: Awaited<ReturnType<typeof policy>>) =>
    people.find((one: { role: string }) => one.role === role);
  const post = (path: string, body: object, token?: string) =>
    server.request(`/api/v1/auth/${path}`, { method: 'POST', body, ...(token ? { token } : {}) });

  it('counts whom a required second factor would stop, by role', async () => {
    await workspace.withPassword('member', password);
    const { email } = await workspace.withPassword('member', password);
    const gone = await workspace.withPassword('member', password);
    // Whoever has no password signs in through an identity provider.
    await workspace.person('member');
    await (await server.workspace()).withPassword('member', password);
    expect(of('member', await policy())).toEqual({ role: 'member', people: 4, withoutFactor: 3 });
    const login = { workspace: workspace.slug, email, password };
    const token = (await post('login', login)).body.data.accessToken as string;
    const { secret } = (await post('mfa/totp', {}, token)).body.data;
    // An app that was not confirmed is none.
    expect(of('member', await policy())).toMatchObject({ withoutFactor: 3 });
    const code = totpCode(secret, Math.floor(Date.now() / 30_000));
    expect((await post('mfa/totp/confirm', { code }, token)).status).toBe(200);
    expect((await owner.post(`/users/${gone.id}/deactivate`, {})).status).toBeLessThan(300);
    expect(of('member', await policy())).toEqual({ role: 'member', people: 3, withoutFactor: 1 });
    expect(of('viewer', await policy())).toEqual({ role: 'viewer', people: 0, withoutFactor: 0 });
  });

  it('S12 tells the rule of passwords as it results from the setting', async () => {
    expect(await policy()).toMatchObject({
      secondFactor: { requiredRoles: [], enforcedFrom: null, emailCodes: false },
      password: { alone: 15, besideFactor: 8 },
      sessions: { idleDays: 7, stepUpMinutes: 10 },
    });
    const change = { requiredRoles: ['owner'], emailCodes: true };
    expect((await owner.patch('/tenant/mfa-policy', change)).status).toBe(200);
    const key = '/settings/tenant/security.passwordMinLength';
    expect((await owner.put(key, { value: 20 })).status).toBe(200);
    expect(await policy()).toMatchObject({
      secondFactor: { requiredRoles: ['owner'], emailCodes: true },
      password: { alone: 20, besideFactor: 20 },
    });
  });

  it('S17 is for those who may change it', async () => {
    for (const role of ['manager', 'member', 'viewer'] as const) {
      const { status } = await (await workspace.person(role)).get('/tenant/sign-in-policy');
      expect([role, status]).toEqual([role, 403]);
    }
    expect((await (await workspace.person('admin')).get('/tenant/sign-in-policy')).status).toBe(
      200,
    );
  });
});

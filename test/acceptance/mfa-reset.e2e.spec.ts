import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Callers } from '#apps/api/http/request-context';
import { systemContext } from '#platform/platform';
import { totpCode } from '#platform/auth/totp';
import { startTestServer, type TestServer, type TestWorkspace } from '#test/support/server';

const password = 'violet kettle runs uphill';

describe('what takes a second factor away', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
  });
  afterAll(() => server.close());

  const post = (path: string, body: unknown, token?: string) =>
    server.request(`/api/v1/auth/${path}`, { method: 'POST', body, ...(token ? { token } : {}) });
  const login = async (email: string) =>
    (await post('login', { workspace: workspace.slug, email, password })).body.data;
  const status = async (token: string) =>
    (await server.request('/api/v1/auth/me', { token })).status;

  async function withApp() {
    const person = await workspace.withPassword('member', password);
    const { accessToken: token } = await login(person.email);
    const { secret } = (await post('mfa/totp', {}, token)).body.data as { secret: string };
    const code = totpCode(secret, Math.floor(Date.now() / 30_000));
    expect((await post('mfa/totp/confirm', { code }, token)).status).toBe(200);
    return { ...person, token: token as string };
  }

  it('S9 S13 an administrator resets the factors of somebody below, who signs in anew', async () => {
    const lost = await withApp();
    const [owner, admin, member] = [
      await workspace.person('owner'),
      await workspace.person('admin'),
      await workspace.person('member'),
    ];
    const reset = `/users/${lost.id}/reset-factors`;
    expect((await member.post(reset, {})).status).toBe(403);
    const above = await admin.post(`/users/${owner.id}/reset-factors`, {});
    expect([above.status, above.body.error.code]).toEqual([403, 'ROLE_ABOVE_YOURS']);
    const self = await owner.post(`/users/${owner.id}/reset-factors`, {});
    expect([self.status, self.body.error.code]).toEqual([422, 'OWN_FACTORS']);
    const stranger = await (await server.workspace()).person('owner');
    expect((await stranger.post(reset, {})).status).toBe(404);
    expect((await login(lost.email)).step).toBe('factor');

    expect((await admin.post(reset, {})).status).toBe(200);
    await server.settled();
    server.app.get(Callers).forget(workspace.tenantId);
    expect(await status(lost.token)).toBe(401);
    expect((await login(lost.email)).accessToken).toBeDefined();
    const timeline = await admin.get(`/timeline/users/${lost.id}`);
    expect(timeline.body.data.map(({ action }: { action: string }) => action)).toContain(
      'factors_reset',
    );
  });

  it('S13 a new password and a new start of the account keep the factor', async () => {
    const { id, email, token } = await withApp();
    const ctx = systemContext(workspace.tenantId, 'spec');
    const change = { how: 'reset', sessionsEnded: true };
    await server.platform.dispatch('RecordPasswordChange', change, ctx, { id });
    await server.settled();
    server.app.get(Callers).forget(workspace.tenantId);
    expect(await status(token)).toBe(401);
    expect((await login(email)).step).toBe('factor');
    await server.platform.dispatch('DeactivateUser', {}, ctx, { id });
    expect((await login(email)) as unknown).toBeUndefined();
    await server.platform.dispatch('ReactivateUser', {}, ctx, { id });
    expect((await login(email)).step).toBe('factor');
  });
});

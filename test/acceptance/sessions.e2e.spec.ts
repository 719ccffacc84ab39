import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer, type TestWorkspace } from '#test/support/server';

const password = 'violet kettle runs uphill';

describe('one’s own sessions', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
  });
  afterAll(() => server.close());

  const login = async (email: string) => {
    const reply = await server.request('/api/v1/auth/login', {
      method: 'POST',
      body: { workspace: workspace.slug, email, password },
      headers: { 'user-agent': 'Mozilla/5.0 Firefox/140' },
    });
    return reply.body.data as { accessToken: string; sessionId: string };
  };
  const at = (token: string, path = '', method = 'GET') =>
    server.request(`/api/v1/auth/sessions${path}`, { method, token });

  it('S9 are listed with place and device, and end one by one at once', async () => {
    const { id, email } = await workspace.withPassword('member', password);
    const [here, there] = [await login(email), await login(email)];
    const listed = (await at(here.accessToken)).body.data;
    expect(listed).toHaveLength(2);
    expect(listed[1]).toMatchObject({ id: here.sessionId, isCurrent: true, ip: '127.0.0.1' });
    expect(listed[0]).toMatchObject({ id: there.sessionId, isCurrent: false });
    expect(listed[0].userAgent).toContain('Firefox');
    expect((await at(here.accessToken, `/${there.sessionId}`, 'DELETE')).status).toBe(204);
    expect((await at(there.accessToken)).status).toBe(401);
    expect((await at(here.accessToken, `/${there.sessionId}`, 'DELETE')).status).toBe(404);
    expect((await at(here.accessToken)).body.data).toHaveLength(1);
    await server.settled();
    const { rows } = await server.test.admin((client) =>
      client.query(
        `SELECT 1 FROM es_event WHERE stream_id = $1 AND type = 'UserSignedOut'
            AND data::jsonb ->> 'sessionId' = $2`,
        [`user-${id}`, there.sessionId],
      ),
    );
    expect(rows).toHaveLength(1);
  });

  it('S9 all others end together, and this one goes on', async () => {
    const { email } = await workspace.withPassword('member', password);
    const [one, two, here] = [await login(email), await login(email), await login(email)];
    const done = await at(here.accessToken, '', 'DELETE');
    expect(done.body.data).toEqual({ ended: 2 });
    for (const { accessToken } of [one, two]) expect((await at(accessToken)).status).toBe(401);
    expect((await at(here.accessToken)).body.data).toHaveLength(1);
  });

  it('S17 nobody sees or ends the session of somebody else', async () => {
    const [mine, theirs] = await Promise.all(
      [1, 2].map(async () => login((await workspace.withPassword('owner', password)).email)),
    );
    expect((await at(mine!.accessToken)).body.data).toHaveLength(1);
    for (const id of [theirs!.sessionId, 'nonsense']) {
      expect((await at(mine!.accessToken, `/${id}`, 'DELETE')).status).toBe(404);
    }
    expect((await at(theirs!.accessToken)).status).toBe(200);
  });
});

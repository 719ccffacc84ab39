import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { productEffects, runJobs } from '#apps/composition/jobs';
import { systemContext } from '#platform/platform';
import { liveSocket, until } from '#test/support/live-socket';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const password = 'violet kettle runs uphill';

describe('a workspace that is suspended', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let jobs: ReturnType<typeof runJobs>;
  let [owner, other]: TestUser[] = [];
  beforeAll(async () => {
    server = await startTestServer({}, { sockets: { checkMs: 500 } }, { effects: productEffects });
    server.platform.sagas.runner.start();
    jobs = runJobs(server.platform, { jobsAtOnce: 2, jobKeepDays: 30 }, () => undefined);
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    other = await (await server.workspace()).person('owner');
  });
  afterAll(async () => {
    await jobs.stop();
    await server.close();
  });

  const change = async (command: string, input: object = {}) => {
    const { tenantId } = workspace;
    await server.platform.dispatch(command, input, systemContext(tenantId, 'cli'), {
      id: tenantId,
    });
  };
  const signIn = (email: string) =>
    server.request('/api/v1/auth/login', {
      method: 'POST',
      body: { workspace: workspace.slug, email, password },
    });
  const notified = async (user: TestUser) =>
    (await user.get('/notifications')).body.data.length as number;

  it('S9 closes pages, programs and sockets within a minute, and opens them again', async () => {
    const person = await workspace.withPassword('admin', password);
    const socket = await liveSocket(server.url, owner!.token);
    const theirs = await liveSocket(server.url, other!.token);
    await socket.watch([{ to: 'workspace' }]);
    await change('SuspendTenant', { reason: 'Invoice overdue' });
    await until('its socket is closed', () => socket.socket.disconnected);
    expect(socket.heard).toContainEqual({
      name: 'end',
      message: expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    });
    expect((await owner!.get('/companies')).status).toBe(401);
    expect((await owner!.post('/companies', { name: 'Hooli' })).status).toBe(401);
    const graphql = await server.request('/graphql', {
      method: 'POST',
      token: owner!.token,
      body: { query: '{ companies { totalCount } }' },
    });
    expect(graphql.text).toContain('UNAUTHENTICATED');
    await expect(liveSocket(server.url, owner!.token)).rejects.toThrow('UNAUTHENTICATED');
    const refused = await signIn(person.email);
    expect(refused.status).toBe(403);
    expect(refused.body.error.code).toBe('WORKSPACE_SUSPENDED');
    expect((await other!.get('/companies')).status).toBe(200);
    expect(theirs.socket.connected).toBe(true);

    await change('ReactivateTenant');
    expect((await signIn(person.email)).status).toBe(200);
    await until('it is open', async () => (await owner!.get('/companies')).status === 200);
    theirs.close();
  });

  it('tells people of what happened meanwhile once, when it is open again', async () => {
    const member = await workspace.person('member');
    await change('SuspendTenant');
    const { tenantId } = workspace;
    const task = { title: 'Call about the offer', assignedToId: member.id };
    await server.platform.dispatch('CreateTask', task, systemContext(tenantId, 'cli'));
    const reached = async () => {
      const { rows } = await server.test.admin((client) =>
        client.query('SELECT 1 FROM es_standstill WHERE tenant_id = $1', [tenantId]),
      );
      return rows.length === server.platform.sagas.processes.length;
    };
    await until('everything stands still', reached);
    const { rows } = await server.test.admin((client) =>
      client.query('SELECT 1 FROM job WHERE tenant_id = $1 AND kind LIKE $2', [
        tenantId,
        'effect-notify%',
      ]),
    );
    expect(rows).toEqual([]);
    await change('ReactivateTenant');
    await until('they are told', async () => (await notified(member)) === 1);
    await server.settled();
    expect(await notified(member)).toBe(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

describe('what somebody may not do', () => {
  let now = Date.parse('2031-03-01T09:00:00Z');
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  beforeAll(async () => {
    server = await startTestServer({}, {}, { clock: () => new Date(now) });
    workspace = await server.workspace();
    owner = await workspace.person('owner');
  });
  afterAll(() => server?.close());

  const refusals = async (by: TestUser) => {
    await server.settled();
    const query = `actorId=${by.id}&action=refused&limit=100`;
    const found = (await owner.get(`/timeline/access?${query}`)).body.data as any[];
    // They have one instant: the clock stands.
    return found.sort((a, b) => (a.recordType < b.recordType ? -1 : 1));
  };
  const graphql = (by: TestUser, query: string) =>
    server.request('/graphql', { method: 'POST', token: by.token, body: { query } });

  it('is refused and written down, with who, what, which record and from where', async () => {
    const member = await workspace.person('member');
    const path = `/users/${owner.id}/deactivate`;
    expect((await member.post(path, {}, { 'user-agent': 'spec/7' })).status).toBe(403);
    expect((await member.get('/timeline/access')).status).toBe(403);
    expect(await refusals(member)).toMatchObject([
      {
        actorId: member.id,
        action: 'refused',
        recordType: 'DeactivateUser',
        recordId: owner.id,
        ip: '127.0.0.1',
        userAgent: 'spec/7',
      },
      { recordType: 'access_log', recordId: workspace.tenantId },
    ]);
  });

  it('is written down where somebody reaches above their own rights', async () => {
    const admin = await workspace.person('admin');
    const grants = [{ permission: 'tenant:delete', scope: 'all' }];
    const reply = await admin.post('/roles', { name: 'Above', grants });
    expect([reply.status, reply.body.error.code]).toEqual([403, 'GRANT_ABOVE_YOURS']);
    expect(await refusals(admin)).toMatchObject([{ recordType: 'CreateRole' }]);
  });

  it('is written down of GraphQL too, of commands and of questions', async () => {
    const member = await workspace.person('member');
    const command = `mutation { deactivateUser(id: "${owner.id}", input: {}) { __typename } }`;
    const changed = await graphql(member, command);
    expect(changed.body.data?.deactivateUser?.__typename ?? changed.text).toBe('Refused');
    const asked = await graphql(member, '{ deadLetters { records { __typename } } }');
    expect(asked.body.errors[0].extensions.code).toBe('FORBIDDEN');
    expect(await refusals(member)).toMatchObject([
      { recordType: 'DeactivateUser', recordId: owner.id },
      { recordType: 'deadLetters', recordId: workspace.tenantId },
    ]);
  });

  it('leaves a record once a minute, and of no more than twenty records', async () => {
    const member = await workspace.person('member');
    const other = await workspace.person('member');
    const path = `/users/${owner.id}/deactivate`;
    for (let n = 0; n < 10; n++) await member.post(path, {});
    expect(await refusals(member)).toHaveLength(1);
    now += 60_000;
    await member.post(path, {});
    expect(await refusals(member)).toHaveLength(2);
    now += 60_000;
    for (let n = 0; n < 30; n++) await member.post(`/users/${randomUUID()}/deactivate`, {});
    await other.post(path, {});
    expect(await refusals(member)).toHaveLength(22);
    expect(await refusals(other)).toHaveLength(1);
  });

  it('is no matter of another workspace, and never of somebody who may', async () => {
    const stranger = await (await server.workspace()).person('owner');
    expect((await stranger.post(`/users/${owner.id}/deactivate`, {})).status).toBe(404);
    const own = (await stranger.get('/timeline/access?limit=100')).body.data as any[];
    expect(own.filter(({ action }) => action === 'refused')).toEqual([]);
    expect(await refusals(owner)).toEqual([]);
  });
});

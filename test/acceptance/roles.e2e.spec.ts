import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('roles of a workspace', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  let admin: TestUser;
  let member: TestUser;
  /** Belongs to the owner. */
  let companyId: string;
  let roleId: string;
  let beforeRole: string;
  const grants = [{ permission: 'companies:update', scope: 'all' }];
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    admin = await workspace.person('admin');
    member = await workspace.person('member');
    companyId = (await owner.post('/companies', { name: 'Hooli' })).body.data.id;
    await server.settled();
  });
  afterAll(() => server.close());

  const change = () => member.patch(`/companies/${companyId}`, { industry: uuidv7() });
  const explain = async (who: TestUser, query: Record<string, string>) =>
    (await who.get(`/access/explain?${new URLSearchParams(query)}`)).body;

  it('widen what a person may do at once, and end it at once', async () => {
    expect((await change()).status).toBe(403);
    const made = await owner.post('/roles', { name: 'Data care', grants });
    expect([made.status, made.body.data.grants]).toEqual([201, grants]);
    roleId = made.body.data.id;
    await pause(5);
    beforeRole = new Date().toISOString();
    await pause(5);
    const given = await owner.post(`/roles/${roleId}/members`, { userId: member.id });
    expect([given.status, given.body.data.memberIds]).toEqual([200, [member.id]]);
    expect((await change()).status).toBe(200);
    const me = (await member.get('/auth/me')).body.data;
    expect(me.permissions).toMatchObject({ 'companies:update': 'all', 'deals:update': 'own' });
    await owner.patch(`/roles/${roleId}`, { grants: [] });
    expect((await change()).status).toBe(403);
    await owner.patch(`/roles/${roleId}`, { grants });
    expect((await change()).status).toBe(200);
    await owner.delete(`/roles/${roleId}/members/${member.id}`);
    expect((await change()).status).toBe(403);
    await owner.post(`/roles/${roleId}/members`, { userId: member.id });
    expect((await change()).status).toBe(200);
  });

  it('hold nothing their maker does not have', async () => {
    const above = [{ permission: 'tenant:delete', scope: 'all' }];
    const refused = await admin.post('/roles', { name: 'Above', grants: above });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'GRANT_ABOVE_YOURS']);
    expect(refused.body.error.details[0]).toMatchObject({
      field: 'grants',
      value: 'tenant:delete',
    });
    const made = await owner.post('/roles', { name: 'Above', grants: above });
    expect(made.status).toBe(201);
    const path = `/roles/${made.body.data.id}/members`;
    const given = await admin.post(path, { userId: admin.id });
    expect([given.status, given.body.error.code]).toEqual([403, 'GRANT_ABOVE_YOURS']);
    expect((await member.post(path, { userId: member.id })).status).toBe(403);
    const unknown = [{ permission: 'salaries:read', scope: 'all' }];
    const odd = await owner.post('/roles', { name: 'Odd', grants: unknown });
    expect([odd.status, odd.body.error.details[0].field]).toEqual([400, 'grants[0].permission']);
    expect((await owner.post('/roles', { name: 'data CARE', grants: [] })).status).toBe(409);
    expect((await owner.post('/roles', { name: 'Owner', grants: [] })).status).toBe(422);
  });

  it('stay while people have them, and are nobody else’s business', async () => {
    const inUse = await owner.delete(`/roles/${roleId}`);
    expect([inUse.status, inUse.body.error.code]).toEqual([422, 'ROLE_IN_USE']);
    const stranger = await (await server.workspace()).person('owner');
    for (const reply of [
      await stranger.get(`/roles/${roleId}`),
      await stranger.patch(`/roles/${roleId}`, { name: 'Mine' }),
      await stranger.post(`/roles/${roleId}/members`, { userId: stranger.id }),
    ]) {
      expect(reply.status).toBe(404);
    }
    expect((await stranger.get('/roles')).body.data).toEqual([]);
  });

  it('tell their story', async () => {
    await server.settled();
    const log = (await owner.get(`/roles/${roleId}/activities?limit=100`)).body.data;
    const actions = log.map(({ action }: { action: string }) => action);
    expect(new Set(actions)).toEqual(new Set(['created', 'given', 'updated', 'taken']));
  });

  it('are explained, now and as of a time before', async () => {
    const asked = { user: member.id, action: 'companies:update', record: companyId };
    expect((await explain(owner, asked)).data).toMatchObject({
      allowed: true,
      reason: 'every_record',
      scope: 'all',
      sources: [
        { kind: 'system_role', name: 'member', scope: 'own' },
        { kind: 'role', id: roleId, name: 'Data care', scope: 'all' },
      ],
      record: { type: 'company', id: companyId, ownerId: owner.id },
    });
    expect((await explain(owner, { ...asked, at: beforeRole })).data).toMatchObject({
      allowed: false,
      reason: 'record_of_others',
      scope: 'own',
      sources: [{ kind: 'system_role', name: 'member' }],
    });
    const early = await explain(owner, { ...asked, at: '2020-01-01T00:00:00Z' });
    expect(early.error.code).toBe('NOT_FOUND');
  });

  it('are explained by teams and ownership', async () => {
    const manager = await workspace.person('manager');
    const own = (await manager.post('/companies', { name: 'Aviato' })).body.data.id;
    const about = (record: string) =>
      explain(manager, { action: 'companies:update', record }).then(({ data }) => data);
    expect(await about(own)).toMatchObject({ allowed: true, reason: 'own_record', scope: 'team' });
    expect(await about(companyId)).toMatchObject({ allowed: false, reason: 'record_of_others' });
    const team = (await owner.post('/teams', { name: 'Sales', managerId: manager.id })).body.data;
    await owner.post(`/teams/${team.id}/members`, { userId: owner.id });
    await server.settled();
    expect(await about(companyId)).toMatchObject({
      allowed: true,
      reason: 'team_record',
      teams: [{ id: team.id, name: 'Sales' }],
    });
    expect(await about(uuidv7())).toMatchObject({ allowed: false, reason: 'no_such_record' });
    const nothing = await explain(manager, { action: 'tenant:delete' });
    expect(nothing.data).toMatchObject({ allowed: false, reason: 'no_permission', sources: [] });
  });

  it('are explained of everybody, page by page', async () => {
    const query = `action=companies:update&record=${companyId}`;
    const { body } = await owner.get(`/access/people?${query}&limit=100`);
    const reasons = new Map(body.data.map((one: any) => [one.userId, one.reason]));
    expect(reasons.get(member.id)).toBe('every_record');
    const before = await owner.get(`/access/people?${query}&limit=100&at=${beforeRole}`);
    const then = new Map(before.body.data.map((one: any) => [one.userId, one.reason]));
    expect(then.get(member.id)).toBe('record_of_others');
    expect(then.size).toBeLessThan(reasons.size);
    const first = (await owner.get(`/access/people?${query}&limit=1`)).body;
    expect(first.pagination).toMatchObject({ hasNext: true, nextCursor: first.data[0].userId });
    const next = await owner.get(`/access/people?${query}&limit=1&cursor=${first.data[0].userId}`);
    expect(next.body.data[0].userId).toBe(body.data[1].userId);
    expect((await member.get(`/access/people?${query}`)).status).toBe(403);
    expect((await owner.get('/access/people?action=deals:sell')).status).toBe(400);
  });

  it('explains others only to those who administer people', async () => {
    const asked = { user: owner.id, action: 'companies:update' };
    expect((await explain(member, asked)).error.code).toBe('FORBIDDEN');
    expect((await explain(member, { action: 'companies:update' })).data.allowed).toBe(true);
    const wrong = await explain(owner, { action: 'salaries:read' });
    expect(wrong.error.details[0]).toMatchObject({ field: 'action', rule: 'enum' });
  });

  it('say the same in GraphQL', async () => {
    const ask = async (who: TestUser, query: string, variables: object) =>
      (
        await server.request('/graphql', {
          method: 'POST',
          token: who.token,
          body: { query, variables },
        })
      ).body;
    const { data } = await ask(
      owner,
      `query($user: ID, $record: ID) {
        explainAccess(userId: $user, action: "companies:update", recordId: $record) {
          allowed reason sources { kind name scope } }
        roles { nodes { id name grants { permission scope } members { id } } }
        roleCatalogue { permissions roles { name grants { permission scope } } } }`,
      { user: member.id, record: companyId },
    );
    expect(data.explainAccess).toMatchObject({ allowed: true, reason: 'every_record' });
    expect(data.roles.nodes).toContainEqual({
      id: roleId,
      name: 'Data care',
      grants,
      members: [{ id: member.id }],
    });
    expect(data.roleCatalogue.permissions).toContain('deals:export');
    const made = await ask(
      owner,
      `mutation($input: CreateRoleInput!) { createRole(input: $input) {
        ... on RoleAccepted { id record { name } } ... on Refused { code } } }`,
      { input: { name: 'Reports', grants: [{ permission: 'deals:export', scope: 'all' }] } },
    );
    expect(made.data.createRole.record).toEqual({ name: 'Reports' });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

describe('sharing over the APIs', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  let manager: TestUser;
  let member: TestUser;
  let colleague: TestUser;
  let viewer: TestUser;
  /** Belongs to the member. */
  let companyId: string;
  let teamId: string;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    manager = await workspace.person('manager');
    member = await workspace.person('member');
    colleague = await workspace.person('member');
    viewer = await workspace.person('viewer');
    companyId = (await member.post('/companies', { name: 'Hooli' })).body.data.id;
    teamId = (await owner.post('/teams', { name: 'Field' })).body.data.id;
    await owner.post(`/teams/${teamId}/members`, { userId: colleague.id });
    await server.settled();
  });
  afterAll(() => server.close());

  const shared = (who: TestUser, granteeId: string, body: object = { access: 'change' }) =>
    who.put(`/companies/${companyId}/shares/${granteeId}`, body);
  const taken = (who: TestUser, granteeId: string) =>
    who.delete(`/companies/${companyId}/shares/${granteeId}`);
  const change = (who: TestUser) => who.patch(`/companies/${companyId}`, { industry: uuidv7() });

  it('S17 is for the owner of the record, their manager and administrators', async () => {
    expect((await shared(colleague, colleague.id)).status).toBe(403);
    expect((await shared(viewer, viewer.id)).status).toBe(403);
    // A manager shares what belongs to their teams.
    expect((await shared(manager, viewer.id)).status).toBe(403);
    const lead = await owner.post('/teams', { name: 'Sales', managerId: manager.id });
    await owner.post(`/teams/${lead.body.data.id}/members`, { userId: member.id });
    await server.settled();
    for (const who of [manager, owner, member]) {
      const reply = await shared(who, viewer.id, { access: 'read' });
      expect([reply.status, reply.body.data.shares]).toEqual([
        200,
        [{ granteeType: 'user', granteeId: viewer.id, access: 'read', until: null }],
      ]);
      expect((await taken(who, viewer.id)).body.data.shares).toEqual([]);
    }
    const stranger = await (await server.workspace()).person('owner');
    expect((await shared(stranger, stranger.id)).status).toBe(404);
  });

  it('lets a person change the record, until it is taken back', async () => {
    expect((await change(colleague)).status).toBe(403);
    await shared(member, colleague.id, { access: 'read' });
    expect((await change(colleague)).status).toBe(403);
    await shared(member, colleague.id);
    expect((await change(colleague)).status).toBe(200);
    const mine = await colleague.put(`/companies/${companyId}/owner`, { ownerId: colleague.id });
    expect([mine.status, mine.body.error.code]).toEqual([403, 'FORBIDDEN']);
    expect((await shared(colleague, viewer.id)).status).toBe(403);
    expect((await colleague.delete(`/companies/${companyId}`)).status).toBe(403);
    await taken(member, colleague.id);
    expect((await change(colleague)).status).toBe(403);
  });

  it('lets nobody change what their role does not let them change at all', async () => {
    await shared(member, viewer.id);
    expect((await change(viewer)).status).toBe(403);
    await taken(member, viewer.id);
  });

  it('lets a team, and ends at once for who leaves it', async () => {
    await shared(member, teamId);
    expect((await change(colleague)).status).toBe(200);
    await owner.delete(`/teams/${teamId}/members/${colleague.id}`);
    expect((await change(colleague)).status).toBe(403);
    await owner.post(`/teams/${teamId}/members`, { userId: colleague.id });
    await server.settled();
    await owner.patch(`/teams/${teamId}`, { region: 'EMEA' });
    expect((await change(colleague)).status).toBe(200);
    await owner.post(`/teams/${teamId}/archive`);
    expect((await change(colleague)).status).toBe(403);
    await owner.post(`/teams/${teamId}/restore`);
    await taken(member, teamId);
  });

  it('ends with the person, and does not come back to who is shut out', async () => {
    await shared(member, colleague.id);
    await owner.post(`/users/${colleague.id}/deactivate`, {});
    expect((await change(colleague)).status).toBe(401);
    await taken(member, colleague.id);
    const again = await shared(member, colleague.id);
    expect([again.status, again.body.error.details[0]]).toMatchObject([
      422,
      { field: 'granteeId', rule: 'reference', value: colleague.id },
    ]);
    await owner.post(`/users/${colleague.id}/reactivate`, {});
  });

  it('says in one error what is wrong, by the name of the field', async () => {
    const wrong = async (granteeId: string, body: object) => {
      const { status, body: answer } = await shared(member, granteeId, body);
      return [status, answer.error.details.map(({ field }: { field: string }) => field)];
    };
    expect(await wrong(uuidv7(), { access: 'read' })).toEqual([422, ['granteeId']]);
    expect(await wrong('nobody', { access: 'read' })).toEqual([400, ['granteeId']]);
    expect(await wrong(viewer.id, { access: 'write' })).toEqual([400, ['access']]);
    expect(await wrong(viewer.id, { access: 'read', until: '2020-01-01T00:00:00Z' })).toEqual([
      422,
      ['until'],
    ]);
  });

  it('is a filter of REST and GraphQL lists, and of exports', async () => {
    await shared(member, viewer.id, { access: 'read' });
    await server.settled();
    const names = ({ body }: { body: any }) => body.data.map(({ name }: { name: string }) => name);
    expect(names(await viewer.get('/companies?sharedWith=me'))).toEqual(['Hooli']);
    expect(names(await owner.get('/companies?sharedWith=me'))).toEqual([]);
    expect(names(await owner.get(`/companies?sharedWith=${viewer.id}`))).toEqual(['Hooli']);
    const csv = await owner.get(`/companies?format=csv&sharedWith=${viewer.id}`);
    expect(csv.text.split('\n').filter((line) => line.includes('Hooli'))).toHaveLength(1);
    const query = `{ companies(filter: { sharedWith: { in: ["me"] } }) {
      nodes { name shares { granteeType granteeId access until } } } }`;
    const asked = await server.request('/graphql', {
      method: 'POST',
      token: viewer.token,
      body: { query },
    });
    expect(asked.body.data.companies.nodes).toEqual([
      {
        name: 'Hooli',
        shares: [{ granteeType: 'user', granteeId: viewer.id, access: 'read', until: null }],
      },
    ]);
  });

  it('stands in the timeline and in what is explained', async () => {
    const { data } = (await owner.get(`/companies/${companyId}/activities?limit=100`)).body;
    const actions = new Set(data.map(({ action }: { action: string }) => action));
    expect([...actions]).toEqual(expect.arrayContaining(['shared', 'unshared']));
    await shared(member, colleague.id);
    const query = new URLSearchParams({
      user: colleague.id,
      action: 'companies:update',
      record: companyId,
    });
    expect((await owner.get(`/access/explain?${query}`)).body.data).toMatchObject({
      allowed: true,
      reason: 'shared_record',
      share: { granteeType: 'user', granteeId: colleague.id, access: 'change', team: null },
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer, type TestWorkspace } from '#test/support/server';

describe('the log of refused access', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
  });
  afterAll(() => server.close());

  it('S17 keeps who asked for what they may not, over both APIs, for administrators', async () => {
    const [owner, viewer] = [await workspace.person('owner'), await workspace.person('viewer')];
    const made = (await owner.post('/companies', { name: 'Hooli' })).body.data;
    const other = (await owner.post('/companies', { name: 'Aviato' })).body.data;
    expect((await viewer.delete(`/companies/${made.id}`)).status).toBe(403);
    expect((await viewer.get('/timeline/access')).status).toBe(403);
    const query = `mutation { deleteCompany(id: "${other.id}") { ... on Refused { message } } }`;
    const token = viewer.token;
    await server.request('/graphql', { method: 'POST', token, body: { query } });
    const asked = { query: '{ projections { name } }' };
    await server.request('/graphql', { method: 'POST', token, body: asked });
    const log = await owner.get(`/timeline/access?action=refused&actorId=${viewer.id}&limit=2`);
    expect(log.status).toBe(200);
    const rest = await owner.get(
      `/timeline/access?action=refused&actorId=${viewer.id}&limit=2` +
        `&cursor=${log.body.pagination.nextCursor}`,
    );
    const all = [...log.body.data, ...rest.body.data].reverse();
    expect(all).toMatchObject([
      { recordType: 'DeleteCompany', recordId: made.id, action: 'refused' },
      { recordType: 'access_log', recordId: workspace.tenantId },
      { recordType: 'DeleteCompany', recordId: other.id },
      { recordType: 'projections', recordId: workspace.tenantId },
    ]);
    // What was allowed, or refused for another reason, is not in it.
    const own = await owner.get(`/timeline/access?action=refused&actorId=${owner.id}`);
    expect(own.body.data).toEqual([]);
    const elsewhere = await (await server.workspace()).person('owner');
    expect((await elsewhere.get('/timeline/access?action=refused')).body.data).toEqual([]);
  });
});

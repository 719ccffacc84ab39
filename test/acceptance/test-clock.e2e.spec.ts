import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer, type TestUser } from '#test/support/server';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

describe('follow-ups and the test clock over the API', () => {
  let server: TestServer;
  let owner: TestUser;
  let admin: TestUser;
  let elsewhere: TestUser;
  beforeAll(async () => {
    server = await startTestServer();
    const sandbox = await server.workspace('Europe/Zurich', true);
    owner = await sandbox.person('owner');
    admin = await sandbox.person('admin');
    elsewhere = await (await server.workspace()).person('owner');
    await server.platform.sagas.runner.catchUp();
  });
  afterAll(() => server.close());

  const graphql = (by: TestUser, query: string) =>
    server.request('/graphql', { method: 'POST', token: by.token, body: { query } });

  it('sets follow-up and work calendar, and gives the task when the clock says so', async () => {
    const settings = { enabled: true, afterDays: 1, title: 'Call them' };
    expect((await owner.patch('/tenant/follow-up', settings)).status).toBe(200);
    const calendar = `mutation { changeWorkCalendar(input: { workingDays: [1, 2, 3, 4, 5] }) {
      ... on TenantAccepted { id } ... on Refused { code } } }`;
    expect((await graphql(owner, calendar)).body).toEqual({
      data: { changeWorkCalendar: { id: owner.tenantId } },
    });
    const pipeline = await owner.post('/pipelines', { name: 'Sales', isDefault: true });
    const made = await owner.post('/deals', {
      name: 'Licence',
      pipelineId: pipeline.body.data.id,
      ownerId: owner.id,
    });
    expect((await owner.post(`/deals/${made.body.data.id}/win`, {})).status).toBe(200);
    const advanced = await owner.post('/test-clock/advance', { to: inDays(7) });
    expect(advanced.status).toBe(200);
    await server.platform.sagas.runner.catchUp();
    await server.settled();
    const { body } = await owner.get('/tasks');
    expect(body.data).toMatchObject([{ title: 'Call them', ownerId: owner.id }]);
    const followups = (await owner.get('/followups')).body.data;
    expect(followups).toMatchObject([{ relatedToId: made.body.data.id }]);
    expect((await elsewhere.get('/followups')).body.data).toEqual([]);
  });

  it('refuses other workspaces, other roles and a clock that would run back', async () => {
    const refused = await elsewhere.post('/test-clock/advance', { to: inDays(7) });
    expect(refused).toMatchObject({ status: 422, body: { error: { code: 'NOT_A_SANDBOX' } } });
    expect(refused.text).toContain('--sandbox');
    expect((await admin.post('/test-clock/advance', { to: inDays(9) })).status).toBe(403);
    const back = await owner.post('/test-clock/advance', { to: inDays(-1) });
    expect(back).toMatchObject({ status: 422, body: { error: { code: 'CLOCK_RUNS_FORWARD' } } });
    const wrong = await owner.patch('/tenant/work-calendar', { opensAt: '18:00' });
    expect(wrong).toMatchObject({
      status: 422,
      body: { error: { code: 'WORKING_HOURS_INVALID' } },
    });
    expect((await owner.post('/test-clock/advance', { to: 'soon' })).text).toContain('"to"');
  });

  it('is documented', async () => {
    const { paths } = (await server.request('/api/v1/openapi.json')).body;
    const described = Object.keys(paths).filter((path) =>
      /\/(test-clock\/advance|tenant\/(follow-up|work-calendar))$/.test(path),
    );
    expect(described).toHaveLength(3);
  });
});

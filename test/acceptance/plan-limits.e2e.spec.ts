import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isRefusal } from '#kernel/refusal';
import { systemContext } from '#platform/platform';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

describe('limits of a plan', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  /** What the platform does to a workspace. */
  async function operate({ tenantId }: TestWorkspace, command: string, input: object) {
    const ctx = systemContext(tenantId, 'spec');
    const done = await server.platform.dispatch(command, input, ctx, { id: tenantId });
    return isRefusal(done) ? done : undefined;
  }
  const plan = (workspace: TestWorkspace, input: object) =>
    operate(workspace, 'ChangeTenantPlan', input);
  let people = 0;
  const add = (owner: TestUser, status = 'active') =>
    owner.post('/users', {
      firstName: 'Person',
      lastName: 'Further',
      email: `further${++people}@piedpiper.example`,
      role: 'member',
      status,
    });
  const invite = (owner: TestUser) =>
    owner.post('/invitations', { email: `guest${++people}@piedpiper.example`, role: 'member' });
  const seats = async (owner: TestUser) => (await owner.get('/tenant/usage')).body.data.seats;
  const full = { status: 422, body: { error: { code: 'LIMIT_REACHED' } } };

  it('B1 seats are taken by who may sign in or is invited, and end with the plan', async () => {
    const workspace = await server.workspace();
    const owner = await workspace.person('owner');
    expect(await plan(workspace, { maxUsers: 3 })).toBeUndefined();
    const invited = await invite(owner);
    expect(invited.status).toBe(201);
    const third = await add(owner);
    expect(third.status).toBe(201);
    expect(await seats(owner)).toEqual({ used: 3, limit: 3 });
    expect(await invite(owner)).toMatchObject(full);
    const refused = await add(owner);
    expect(refused).toMatchObject(full);
    expect(refused.body.error.details[0]).toMatchObject({
      field: 'seat',
      rule: 'plan',
      remedy: expect.stringContaining('Deactivate'),
    });
    const idle = await add(owner, 'not_invited');
    expect(idle.status).toBe(201);
    expect(await owner.post(`/users/${idle.body.data.id}/activate`, {})).toMatchObject(full);
    expect(await owner.post(`/users/${idle.body.data.id}/invitation`, {})).toMatchObject(full);

    expect((await owner.post(`/invitations/${invited.body.data.id}/revoke`, {})).status).toBe(200);
    expect(await seats(owner)).toEqual({ used: 2, limit: 3 });
    expect((await owner.post(`/users/${idle.body.data.id}/activate`, {})).status).toBe(200);
    const { id } = third.body.data;
    expect((await owner.post(`/users/${id}/deactivate`, {})).status).toBe(200);
    expect((await add(owner)).status).toBe(201);
    expect(await owner.post(`/users/${id}/reactivate`, {})).toMatchObject(full);
  });

  it('B1 the last seat is given once, however many ask at the same moment', async () => {
    const workspace = await server.workspace();
    const owner = await workspace.person('owner');
    await plan(workspace, { maxUsers: 4 });
    const answers = await Promise.all(Array.from({ length: 8 }, () => add(owner)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(3);
    // Who was told to try again may; nobody gets a fourth seat.
    let more = await add(owner);
    while (more.status === 201) more = await add(owner);
    expect(await seats(owner)).toEqual({ used: 4, limit: 4 });
  });

  it('B1 a smaller plan is refused while it does not fit, with what to do', async () => {
    const workspace = await server.workspace();
    const owner = await workspace.person('owner');
    expect(await plan(workspace, { planType: 'business' })).toBeUndefined();
    expect(await seats(owner)).toEqual({ used: 1, limit: 100 });
    const extra = [];
    for (let n = 0; n < 5; n++) extra.push((await add(owner)).body.data.id as string);
    const refused = await plan(workspace, { planType: 'starter' });
    expect(refused).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: [{ field: 'seat', value: 6, remedy: expect.stringContaining('at most 5') }],
    });
    await owner.post(`/users/${extra[0]}/deactivate`, {});
    expect(await plan(workspace, { planType: 'starter' })).toBeUndefined();
    expect((await owner.get('/tenant/usage')).body.data).toMatchObject({
      planType: 'starter',
      seats: { used: 5, limit: 5 },
      storageBytes: { limit: 10_000_000_000 },
    });
  });

  it('B1 counts answered requests of the workspace by month, for its administrators', async () => {
    const workspace = await server.workspace();
    const owner = await workspace.person('owner');
    const member = await workspace.person('member');
    for (let n = 0; n < 7; n++) await member.get('/companies');
    // They are counted once they are answered.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { body } = await owner.get('/tenant/usage');
    const month = new Date().toISOString().slice(0, 7);
    expect(body.data.apiRequests).toEqual([{ month, count: 7 }]);
    expect(body.data.requestsPerMinute.limit).toBeGreaterThan(0);
    expect((await member.get('/tenant/usage')).status).toBe(403);
    const stranger = await (await server.workspace()).person('owner');
    expect((await stranger.get('/tenant/usage')).body.data.apiRequests).toEqual([]);
  });

  it('B1 a suspended workspace lets nobody in, and all again once it is open', async () => {
    const workspace = await server.workspace();
    const owner = await workspace.person('owner');
    const { email } = await workspace.withPassword('member', 'paper boats on quiet water');
    const signIn = () =>
      server.request('/api/v1/auth/login', {
        method: 'POST',
        body: { workspace: workspace.slug, email, password: 'paper boats on quiet water' },
      });
    expect((await signIn()).status).toBe(200);
    expect(
      await operate(workspace, 'SuspendTenant', { reason: 'Invoice overdue' }),
    ).toBeUndefined();
    const refused = await signIn();
    expect([refused.status, refused.body.error.code]).toEqual([403, 'WORKSPACE_SUSPENDED']);
    // What is known of a caller is read anew every three seconds.
    const until = Date.now() + 10_000;
    let seen = await owner.get('/companies');
    while (seen.status !== 401 && Date.now() < until) seen = await owner.get('/companies');
    expect(seen.status).toBe(401);
    const query = { query: '{ me { id } }' };
    const options = { method: 'POST', token: owner.token, body: query };
    expect((await server.request('/graphql', options)).status).toBe(401);
    expect(await operate(workspace, 'ReactivateTenant', {})).toBeUndefined();
    expect((await signIn()).status).toBe(200);
  });
});

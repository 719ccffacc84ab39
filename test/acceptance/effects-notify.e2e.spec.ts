import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { productEffects, runJobs } from '#apps/composition/jobs';
import { startTestServer, type TestServer, type TestUser } from '#test/support/server';

describe('work that is assigned to somebody', () => {
  let server: TestServer;
  let jobs: ReturnType<typeof runJobs>;
  let [owner, member, other]: TestUser[] = [];
  beforeAll(async () => {
    server = await startTestServer({}, {}, { effects: productEffects });
    await server.platform.sagas.runner.catchUp();
    jobs = runJobs(server.platform, { jobsAtOnce: 2, jobKeepDays: 30 }, () => undefined);
    const workspace = await server.workspace();
    owner = await workspace.person('owner');
    member = await workspace.person('member');
    other = await workspace.person('viewer');
  });
  afterAll(async () => {
    await jobs.stop();
    await server.close();
  });

  /** Does all that follows from what happened so far. */
  const settled = async () => {
    await server.platform.sagas.runner.catchUp();
    for (;;) {
      const running = await owner!.get('/jobs?status=queued');
      const queued = await owner!.get('/jobs?status=running');
      if (running.body.data.length + queued.body.data.length === 0) break;
    }
    await server.settled();
  };
  const unread = async (user: TestUser) =>
    (await user.get('/notifications?isRead=false')).body.data as Record<string, unknown>[];

  it('tells them, and nobody else, once', async () => {
    const task = { title: 'Call about the offer', assignedToId: member!.id };
    const { body } = await owner!.post('/tasks', task);
    await settled();
    expect(await unread(member!)).toEqual([
      expect.objectContaining({
        reason: 'assigned',
        relatedToType: 'task',
        relatedToId: body.data.id,
        ownerId: member!.id,
        isRead: false,
      }),
    ]);
    expect(await unread(owner!)).toEqual([]);
    expect(await unread(other!)).toEqual([]);
  });

  it('does not tell people of what they gave themselves', async () => {
    await member!.post('/tasks', { title: 'Mine', assignedToId: member!.id });
    await settled();
    expect(await unread(member!)).toHaveLength(1);
  });

  it('is marked read and unread by whom it tells, and by nobody else', async () => {
    const [one] = await unread(member!);
    const path = `/notifications/${String(one!['id'])}/read`;
    expect((await owner!.put(path)).status).toBe(403);
    expect((await other!.put(path)).status).toBe(403);
    expect((await member!.put(path)).status).toBe(200);
    await server.settled();
    expect(await unread(member!)).toEqual([]);
    expect((await member!.delete(path)).status).toBe(200);
    await server.settled();
    expect(await unread(member!)).toHaveLength(1);
  });

  it('is marked read with all others of the same person at once', async () => {
    await owner!.post('/tasks', { title: 'Another', assignedToId: member!.id });
    await owner!.post('/tasks', { title: 'Theirs', assignedToId: other!.id });
    await settled();
    expect(await unread(member!)).toHaveLength(2);
    const { status, body } = await member!.put('/notifications/read');
    expect([status, body.data]).toEqual([200, { read: 2, unread: 0 }]);
    expect(await unread(member!)).toEqual([]);
    expect(await unread(other!)).toHaveLength(1);
    expect((await member!.put('/notifications/read')).body.data).toEqual({ read: 0, unread: 0 });
    const [one] = (await member!.get('/notifications')).body.data;
    expect((await member!.delete(`/notifications/${one.id}/read`)).status).toBe(200);
    await server.settled();
  });

  it('is raised by nobody but the product', async () => {
    const input = {
      recipientId: member!.id,
      reason: 'assigned',
      relatedToType: 'task',
      relatedToId: member!.id,
    };
    expect((await owner!.post('/notifications', input)).status).toBe(405);
  });

  it('is listed by GraphQL', async () => {
    const query = `{ notifications(first: 10, filter: { isRead: { eq: false } }) {
      nodes { reason relatedToType isRead ownerId } } }`;
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${member!.token}`,
      },
      body: JSON.stringify({ query }),
    });
    expect(await answer.json()).toEqual({
      data: {
        notifications: {
          nodes: [
            { reason: 'assigned', relatedToType: 'task', isRead: false, ownerId: member!.id },
          ],
        },
      },
    });
  });
});

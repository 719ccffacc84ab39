import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { handOverJob } from '#apps/composition/hand-over';
import { runJobs } from '#apps/composition/jobs';
import { startTestServer, type TestServer, type TestUser } from '#test/support/server';

describe('handing records over', () => {
  let server: TestServer;
  let jobs: ReturnType<typeof runJobs>;
  let [owner, leaver, heir]: TestUser[] = [];
  beforeAll(async () => {
    server = await startTestServer({}, {}, { jobs: [handOverJob] });
    jobs = runJobs(server.platform, { jobsAtOnce: 2, jobKeepDays: 30 }, () => undefined);
    const workspace = await server.workspace();
    owner = await workspace.person('owner');
    leaver = await workspace.person('member');
    heir = await workspace.person('member');
  });
  afterAll(async () => {
    await jobs.stop();
    await server.close();
  });

  const make = async (path: string, body: object) => (await leaver!.post(path, body)).body.data;
  const done = async (location: string) => {
    for (;;) {
      const { body } = await owner!.get(location.replace('/api/v1', ''));
      if (!['queued', 'running'].includes(body.data.status as string)) return body.data;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it('gives everything open to somebody else, and shuts the person out first', async () => {
    const pipeline = (await owner!.post('/pipelines', { name: 'Sales', isDefault: true })).body
      .data;
    const company = await make('/companies', { name: 'Hooli' });
    const archived = await make('/companies', { name: 'Nucleus' });
    await leaver!.post(`/companies/${archived.id}/archive`, {});
    const contact = await make('/contacts', { firstName: 'Gavin', lastName: 'Belson' });
    const deal = await make('/deals', { name: 'Box', pipelineId: pipeline.id });
    const task = await make('/tasks', { title: 'Call', assignedToId: leaver!.id });
    const finished = await make('/tasks', { title: 'Done', assignedToId: leaver!.id });
    await leaver!.put(`/tasks/${finished.id}/complete`, {});
    await server.settled();
    const reply = await owner!.post(`/users/${leaver!.id}/hand-over`, {
      toUserId: heir!.id,
      deactivate: true,
    });
    expect(reply.status).toBe(202);
    expect(await done(reply.headers.get('location')!)).toMatchObject({
      status: 'succeeded',
      progress: { done: 4, total: 4, unit: 'records' },
      result: { companies: 1, contacts: 1, deals: 1, tasks: 1, unmoved: 0 },
    });
    await server.settled();
    expect((await leaver!.get('/companies')).status).toBe(401);
    const of = async (path: string) => (await owner!.get(path)).body.data;
    expect(await of(`/companies/${company.id}`)).toMatchObject({ ownerId: heir!.id });
    expect(await of(`/contacts/${contact.id}`)).toMatchObject({ ownerId: heir!.id });
    expect(await of(`/deals/${deal.id}`)).toMatchObject({ ownerId: heir!.id });
    expect(await of(`/tasks/${task.id}`)).toMatchObject({ assignedToId: heir!.id });
    expect(await of(`/tasks/${finished.id}`)).toMatchObject({ assignedToId: leaver!.id });
    expect(await of(`/companies/${archived.id}`)).toMatchObject({ ownerId: leaver!.id });
    expect((await owner!.post(`/users/${leaver!.id}/reactivate`, {})).status).toBe(200);
  });

  it('needs an active receiver and the right to administer people', async () => {
    const ask = (who: TestUser, from: string, toUserId: string) =>
      who.post(`/users/${from}/hand-over`, { toUserId });
    const self = await ask(owner!, leaver!.id, leaver!.id);
    expect([self.status, self.body.error.code]).toEqual([422, 'RECEIVER_NOT_ACTIVE']);
    expect(self.body.error.details[0].field).toBe('toUserId');
    expect((await ask(heir!, leaver!.id, heir!.id)).status).toBe(403);
    const stranger = await (await server.workspace()).person('owner');
    expect((await ask(stranger, leaver!.id, stranger.id)).status).toBe(404);
    expect((await ask(owner!, leaver!.id, stranger.id)).status).toBe(422);
  });
});

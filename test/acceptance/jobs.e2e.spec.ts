import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { object, text } from '#kernel/fields';
import { uuidv7 } from '#kernel/ids';
import { isRefusal, refusal } from '#kernel/refusal';
import { runJobs } from '#apps/composition/jobs';
import { defineJob, type Job } from '#platform/jobs/job';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const count = defineJob({
  kind: 'count',
  title: ({ what }) => `Count ${what}`,
  input: object({ what: text(50) }),
  permission: 'companies:create',
  unit: 'rows',
  run: async ({ input, progress, signal, ctx }) => {
    progress(5, 10);
    if (input.what === 'files') return refusal('FILE_GONE', 'rule', 'The file is gone.');
    if (input.what === 'sheep') {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    }
    progress(10, 10);
    return { by: ctx.actor.id, reach: ctx.grants['companies:update'] };
  },
  resultFile: () => Promise.resolve(Readable.from(['line,column\r\n2,name\r\n'])),
});

const roles = ['owner', 'admin', 'manager', 'member', 'viewer'] as const;
const gone = { status: 404, body: { error: { code: 'NOT_FOUND' } } };

describe('jobs over the API', () => {
  let test: TestServer;
  let home: TestWorkspace;
  let people: Record<(typeof roles)[number], TestUser>;
  let stranger: TestUser;
  let runner: ReturnType<typeof runJobs>;
  beforeAll(async () => {
    test = await startTestServer({}, {}, { jobs: [count] });
    home = await test.workspace();
    const made = await Promise.all(roles.map((role) => home.person(role)));
    people = Object.fromEntries(made.map((one) => [one.role, one])) as typeof people;
    stranger = await (await test.workspace()).person('owner');
    runner = runJobs(test.platform, { jobsAtOnce: 4, jobKeepDays: 30 }, () => undefined);
    await test.settled();
  });
  afterAll(async () => {
    await runner.stop();
    await test.close();
  });

  const begin = async (by: TestUser, what: string) => {
    const job = await test.platform.jobs.start(
      'count',
      { what },
      {
        tenantId: by.tenantId,
        actor: { type: 'user', id: by.id },
        grants: { 'companies:create': 'all' },
        requestId: uuidv7(),
        correlationId: uuidv7(),
      },
    );
    if (isRefusal(job)) throw new Error(JSON.stringify(job));
    return (job as Job).id;
  };
  const until = async (by: TestUser, id: string, status: string) => {
    for (;;) {
      const { body } = await by.get(`/jobs/${id}`);
      if (body.data.status === status) return body.data;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('shows a job with its progress, its creator and what came of it', async () => {
    const { member } = people;
    const id = await begin(member, 'stars');
    const job = await until(member, id, 'succeeded');
    expect(job).toEqual({
      id,
      kind: 'count',
      title: 'Count stars',
      status: 'succeeded',
      progress: { done: 10, total: 10, unit: 'rows', rate: null, secondsLeft: null },
      // The rights are those of the role, not those of whoever asked.
      result: { by: member.id, reach: 'own' },
      error: null,
      attempts: 1,
      createdBy: { id: member.id, name: 'Person member' },
      createdAt: expect.stringMatching(/Z$/),
      startedAt: expect.stringMatching(/Z$/),
      finishedAt: expect.stringMatching(/Z$/),
      cancelRequested: false,
    });
    const file = await member.get(`/jobs/${id}/result-file`);
    expect(file).toMatchObject({ status: 200, text: 'line,column\r\n2,name\r\n' });
    expect(file.headers.get('content-type')).toContain('text/csv');
  });

  it('cancels and retries', async () => {
    const { member } = people;
    const id = await begin(member, 'sheep');
    while ((await until(member, id, 'running')).progress.done === 0) continue;
    const asked = await member.post(`/jobs/${id}/cancel`);
    expect(asked).toMatchObject({ status: 200, body: { data: { cancelRequested: true } } });
    await until(member, id, 'cancelled');
    const again = await member.post(`/jobs/${id}/retry`);
    expect(again).toMatchObject({ status: 200, body: { data: { status: 'queued', error: null } } });
    await until(member, id, 'running');
    await member.post(`/jobs/${id}/cancel`);
    await until(member, id, 'cancelled');
    const failed = await begin(member, 'files');
    expect(await until(member, failed, 'failed')).toMatchObject({
      error: { code: 'FILE_GONE', message: 'The file is gone.' },
    });
    expect(await member.post(`/jobs/${failed}/cancel`)).toMatchObject({
      status: 422,
      body: { error: { code: 'JOB_FINISHED', details: [{ field: 'status' }] } },
    });
    const done = await begin(member, 'stars');
    await until(member, done, 'succeeded');
    expect(await member.post(`/jobs/${done}/retry`)).toMatchObject({
      status: 422,
      body: { error: { code: 'JOB_NOT_RETRYABLE' } },
    });
  });

  it('lets administrators follow and cancel every job, others only their own', async () => {
    for (const role of roles) {
      const mine = role === 'viewer' ? undefined : await begin(people[role], 'sheep');
      for (const other of roles) {
        const id = await begin(people.owner, 'sheep');
        const may = ['owner', 'admin'].includes(other);
        const read = await people[other].get(`/jobs/${id}`);
        const file = await people[other].get(`/jobs/${id}/result-file`);
        const cancel = await people[other].post(`/jobs/${id}/cancel`);
        const seen = [read, file, cancel].map(({ status }) => status);
        expect([other, seen]).toEqual([other, may ? [200, 200, 200] : [404, 404, 404]]);
        if (!may) expect(await people[other].post(`/jobs/${id}/retry`)).toMatchObject(gone);
        await people.owner.post(`/jobs/${id}/cancel`);
      }
      if (!mine) continue;
      expect(await people[role].get(`/jobs/${mine}`)).toMatchObject({ status: 200 });
      expect(await people[role].post(`/jobs/${mine}/cancel`)).toMatchObject({ status: 200 });
    }
  });

  it('takes the permission of the job to retry it, whoever may cancel it', async () => {
    const { viewer, owner } = people;
    const id = await begin(viewer, 'stars');
    // A viewer may not do what the job does, so it fails for want of the right.
    expect(await until(viewer, id, 'failed')).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(await viewer.post(`/jobs/${id}/retry`)).toMatchObject({
      status: 403,
      body: { error: { code: 'FORBIDDEN', message: expect.stringContaining('companies:create') } },
    });
    expect(await owner.post(`/jobs/${id}/retry`)).toMatchObject({ status: 200 });
  });

  it('is closed to other workspaces and to those who are not signed in', async () => {
    const id = await begin(people.owner, 'stars');
    const paths = [`/jobs/${id}`, `/jobs/${id}/result-file`];
    for (const path of paths) expect(await stranger.get(path)).toMatchObject(gone);
    for (const verb of ['cancel', 'retry']) {
      expect(await stranger.post(`/jobs/${id}/${verb}`)).toMatchObject(gone);
    }
    expect((await stranger.get('/jobs')).body.data).toEqual([]);
    expect(await people.owner.get(`/jobs/${uuidv7()}`)).toMatchObject(gone);
    expect(await people.owner.get('/jobs/none')).toMatchObject(gone);
    expect(await test.request('/api/v1/jobs')).toMatchObject({ status: 401 });
  });

  it('lists page by page, by status and kind', async () => {
    const other = await (await test.workspace()).person('owner');
    const ids: string[] = [];
    for (const what of ['one', 'two', 'files']) ids.unshift(await begin(other, what));
    for (const id of ids.slice(1)) await until(other, id, 'succeeded');
    await until(other, ids[0]!, 'failed');
    const idsOf = ({ body }: { body: any }) => body.data.map(({ id }: { id: string }) => id);
    const first = await other.get('/jobs?limit=2');
    expect(idsOf(first)).toEqual(ids.slice(0, 2));
    const { nextCursor, ...pagination } = first.body.pagination;
    expect(pagination).toEqual({ limit: 2, hasNext: true, hasPrev: false });
    const second = await other.get(`/jobs?limit=2&cursor=${nextCursor}`);
    expect(idsOf(second)).toEqual(ids.slice(2));
    expect(second.body.pagination).toMatchObject({
      hasNext: false,
      hasPrev: true,
      nextCursor: null,
    });
    expect(idsOf(await other.get('/jobs?status=failed'))).toEqual([ids[0]]);
    expect(idsOf(await other.get('/jobs?kind=import'))).toEqual([]);
    for (const [query, field] of [
      ['status=done', 'status'],
      ['limit=0', 'limit'],
      ['cursor=x', 'cursor'],
      ['sort=id', 'sort'],
    ]) {
      expect(await other.get(`/jobs?${query}`)).toMatchObject({
        status: 400,
        body: { error: { code: 'VALIDATION_ERROR', details: [{ field }] } },
      });
    }
  });

  it('says the same over GraphQL', async () => {
    const { member, owner } = people;
    const id = await begin(member, 'sheep');
    while ((await until(member, id, 'running')).progress.done === 0) continue;
    const ask = async (by: TestUser, query: string, variables: object = { id }) => {
      const body = { query, variables };
      const { token } = by;
      const options = { method: 'POST', body, token };
      return (await test.request('/graphql', options)).body;
    };
    const ONE = `query One($id: ID!) { job(id: $id) {
      id title status progress { done total unit } createdBy { id name } result error { code }
    } }`;
    expect(await ask(member, ONE)).toEqual({
      data: {
        job: {
          id,
          title: 'Count sheep',
          status: 'running',
          progress: { done: 5, total: 10, unit: 'rows' },
          createdBy: { id: member.id, name: 'Person member' },
          result: null,
          error: null,
        },
      },
    });
    expect(await ask(people.manager, ONE)).toEqual({ data: { job: null } });
    expect(await ask(stranger, ONE)).toEqual({ data: { job: null } });
    const LIST = `query { jobs(status: running, kind: "count", first: 50) {
      nodes { id } pageInfo { hasNextPage endCursor }
    } }`;
    const { data } = await ask(owner, LIST, {});
    expect(data.jobs.nodes).toContainEqual({ id });
    expect((await ask(owner, '{ jobs(after: "x") { nodes { id } } }', {})).errors[0]).toMatchObject(
      { extensions: { code: 'BAD_USER_INPUT', details: [{ field: 'after' }] } },
    );
    const CANCEL = `mutation Cancel($id: ID!) { cancelJob(id: $id) {
      __typename ... on Job { cancelRequested } ... on Refused { code category }
    } }`;
    const missing = { __typename: 'Refused', code: 'NOT_FOUND', category: 'missing' };
    expect((await ask(stranger, CANCEL)).data.cancelJob).toEqual(missing);
    expect((await ask(owner, CANCEL)).data.cancelJob).toEqual({
      __typename: 'Job',
      cancelRequested: true,
    });
    await until(member, id, 'cancelled');
    const RETRY = CANCEL.replace('cancelJob', 'retryJob');
    expect((await ask(owner, RETRY)).data.retryJob).toMatchObject({ __typename: 'Job' });
    await ask(owner, CANCEL);
  });
});

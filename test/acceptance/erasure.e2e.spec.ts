import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { erasureJob } from '#apps/composition/erasure/erasure-job';
import { runJobs } from '#apps/composition/jobs';
import { object, text } from '#kernel/fields';
import { uuidv7 } from '#kernel/ids';
import { defineJob } from '#platform/jobs/job';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const EMAIL = 'barnaby.thistlewood@example.org';

/** A job that keeps what it was given, as an import keeps rejected rows. */
const keeping = defineJob({
  kind: 'keeping',
  title: () => 'Keep',
  input: object({ what: text(200) }),
  permission: 'contacts:create',
  unit: 'rows',
  run: ({ input }) => Promise.resolve({ kept: input.what }),
});

describe('erasure over the API', () => {
  let test: TestServer;
  let folder: string;
  let home: TestWorkspace;
  let owner: TestUser;
  let runner: ReturnType<typeof runJobs>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientforge-erasure-'));
    const config = {
      dataDir: folder,
      importMaxBytes: 1e6,
      erasuresDir: join(folder, 'erasures'),
    };
    test = await startTestServer({}, {}, { jobs: [erasureJob(config), keeping] });
    home = await test.workspace();
    owner = await home.person('owner');
    runner = runJobs(test.platform, { jobsAtOnce: 2, jobKeepDays: 30 }, () => undefined);
    await test.settled();
  });
  afterAll(async () => {
    await runner.stop();
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ended = async (id: string) => {
    for (;;) {
      const { body } = await owner.get(`/jobs/${id}`);
      if (['succeeded', 'failed'].includes(body.data.status)) return body.data;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  };
  const contact = async () => {
    const person = { firstName: 'Barnaby', lastName: 'Thistlewood', email: EMAIL };
    const { body } = await owner.post('/contacts', { ...person, allowDuplicate: true });
    return body.data.id as string;
  };
  const begin = (id: string, body: object, by = owner) => by.post(`/subjects/${id}/erase`, body);
  const names = (report: { reached: readonly { place: string }[] }) =>
    report.reached.map(({ place }) => place);

  it('S29 erases a contact as a job, its jobs and uploaded files included', async () => {
    const id = await contact();
    const ctx = {
      tenantId: owner.tenantId,
      actor: { type: 'user' as const, id: owner.id },
      grants: { 'contacts:create': 'all' as const },
      requestId: uuidv7(),
      correlationId: uuidv7(),
    };
    const kept = (await test.platform.jobs.start('keeping', { what: EMAIL }, ctx)) as {
      id: string;
    };
    const other = (await test.platform.jobs.start('keeping', { what: 'Harps' }, ctx)) as {
      id: string;
    };
    await ended(kept.id);
    await ended(other.id);
    const uploads = join(folder, 'files', 'imports', owner.tenantId);
    await mkdir(uploads, { recursive: true });
    const [mine, foreign] = [uuidv7(), uuidv7()];
    await writeFile(join(uploads, `${mine}.csv`), `name,email\r\nB,${EMAIL.toUpperCase()}\r\n`);
    await writeFile(join(uploads, `${mine}.json`), '{}');
    await writeFile(join(uploads, `${foreign}.csv`), 'name\r\nSomebody else\r\n');
    const answer = await begin(id, { confirm: id, reason: 'request', reference: 'REQ-7' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/v1/jobs/${answer.body.data.id}`);
    const job = await ended(answer.body.data.id);
    expect(job).toMatchObject({ status: 'succeeded', kind: 'erasure', title: 'Erase a person' });
    expect(names(job.result)).toEqual(
      expect.arrayContaining(['keys', 'rm_contacts', 'jobs', 'uploaded files']),
    );
    expect(job.result.remains.length).toBeGreaterThan(0);
    expect((await owner.get(`/jobs/${kept.id}`)).status).toBe(404);
    expect((await owner.get(`/jobs/${other.id}`)).status).toBe(200);
    expect(await readdir(uploads)).toEqual([`${foreign}.csv`]);
    expect((await owner.get(`/contacts/${id}`)).status).toBe(404);
    const { body } = await owner.get(`/contacts?search=thistlewood&deleted=include`);
    expect(JSON.stringify(body)).not.toContain('Thistlewood');
    const history = await owner.get(`/timeline/contact/${id}`);
    expect(history.status).toBe(200);
    expect(history.text).toContain('[erased]');
    expect(history.text).not.toContain('Thistlewood');
    const change = await owner.patch(`/contacts/${id}`, { title: 'Back' });
    expect(change.status).toBeGreaterThanOrEqual(400);
    const again = await begin(id, { confirm: id, reason: 'request' });
    expect((await ended(again.body.data.id)).status).toBe('succeeded');
  });

  it('S29 asks for the id once more, for a reason and for the right', async () => {
    const id = await contact();
    const unconfirmed = await begin(id, { confirm: uuidv7(), reason: 'request' });
    expect(unconfirmed).toMatchObject({
      status: 400,
      body: { error: { code: 'CONFIRMATION_MISSING' } },
    });
    const unreasoned = await begin(id, { confirm: id, reason: 'bored' });
    expect(unreasoned.status).toBe(400);
    expect(unreasoned.text).toContain('reason');
    for (const role of ['manager', 'member', 'viewer'] as const) {
      const person = await home.person(role);
      await test.settled();
      const answer = await begin(id, { confirm: id, reason: 'request' }, person);
      expect(answer).toMatchObject({ status: 403, body: { error: { code: 'FORBIDDEN' } } });
    }
    const stranger = await (await test.workspace()).person('owner');
    await test.settled();
    const far = await begin(id, { confirm: id, reason: 'request' }, stranger);
    expect(far.status).toBe(202);
    const job = async () => (await stranger.get(`/jobs/${far.body.data.id}`)).body.data;
    while (!(await job()).error) await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await job()).toMatchObject({ status: 'failed', error: { code: 'SUBJECT_UNKNOWN' } });
    expect((await owner.get(`/contacts/${id}`)).body.data.lastName).toBe('Thistlewood');
  });

  it('S29 erases over GraphQL; what is null there reads as erased or null, never as an error', async () => {
    const id = await contact();
    const graphql = async (query: string) => {
      const answer = await test.request('/graphql', {
        method: 'POST',
        token: owner.token,
        body: { query },
      });
      return answer.body as { data: any; errors?: unknown };
    };
    const { data } = await graphql(`mutation {
      eraseSubject(id: "${id}", confirm: "${id}", reason: consent_withdrawn) {
        __typename ... on Job { id } ... on Refused { code } } }`);
    expect(data.eraseSubject).toMatchObject({ __typename: 'Job' });
    expect((await ended(data.eraseSubject.id)).status).toBe('succeeded');
    const wrong = await graphql(`mutation {
      eraseSubject(id: "${id}", confirm: "no", reason: request) {
        ... on Refused { code } } }`);
    expect(wrong.data.eraseSubject).toEqual({ code: 'CONFIRMATION_MISSING' });
    const past = await graphql(
      `{ contact(id: "${id}", asOf: "2999-01-01T00:00:00Z") { firstName email socialProfiles { network } } }`,
    );
    expect(past.errors).toBeUndefined();
  });
});

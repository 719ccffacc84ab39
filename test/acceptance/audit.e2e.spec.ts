import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runJobs } from '#apps/composition/jobs';
import { auditJob } from '#platform/operations/audit-job';
import { testSeals, type TestSeals } from '#test/support/sealing';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const run = promisify(execFile);
const verifier = fileURLToPath(new URL('../../ops/audit/verify-export.mjs', import.meta.url));

describe('S30 the audit over the API', () => {
  let test: TestServer;
  let seals: TestSeals;
  let home: TestWorkspace;
  let owner: TestUser;
  let runner: ReturnType<typeof runJobs>;
  beforeAll(async () => {
    seals = testSeals();
    test = await startTestServer({}, {}, { jobs: [auditJob], seals: () => Promise.resolve(seals) });
    home = await test.workspace();
    owner = await home.person('owner');
    runner = runJobs(test.platform, { jobsAtOnce: 2, jobKeepDays: 30 }, () => undefined);
    await owner.post('/companies', { name: 'Hooli' });
    await sealed();
    await owner.post('/companies', { name: 'Raviga' });
    await sealed();
  });
  afterAll(async () => {
    await runner.stop();
    await test.close();
    seals.remove();
  });

  const sealed = async () => {
    await test.settled();
    const sealer = seals.sealer(test.platform.database);
    expect(await sealer.catchUp()).toBe(true);
    await sealer.close();
  };
  const verified = async (by: TestUser) => {
    const begun = await by.post('/audit/verifications');
    expect(begun.status).toBe(202);
    for (;;) {
      const { data } = (await by.get(`/jobs/${begun.body.data.id}`)).body;
      if (data.status !== 'queued' && data.status !== 'running') return data;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('S30 says what is sealed until when, seal by seal, and with which keys', async () => {
    await owner.post('/companies', { name: 'Not yet sealed' });
    const { body } = await owner.get('/audit');
    expect(body.data).toMatchObject({ seals: 2, held: null, sealedAt: expect.any(String) });
    expect(body.data.unsealed).toBeGreaterThan(0);
    const [first] = (await owner.get('/audit/seals?limit=1')).body.data;
    expect(first).toMatchObject({ number: 2, total: body.data.events });
    const page = await owner.get('/audit/seals?limit=1&cursor=2');
    expect(page.body).toMatchObject({ data: [{ number: 1 }], pagination: { hasNext: false } });
    expect(await owner.get('/audit/seals?cursor=x')).toMatchObject({ status: 400 });
    const keys = (await test.request('/api/v1/audit/keys')).body.data;
    expect(keys).toEqual([expect.objectContaining({ id: first.key, current: true })]);
  });

  it('S30 verifies on demand and names what is wrong', async () => {
    const sound = await verified(owner);
    expect(sound).toMatchObject({
      kind: 'audit',
      title: 'Verify the log',
      status: 'succeeded',
      progress: { unit: 'events' },
      result: { intact: true, seals: 2, violations: [] },
    });
    const { rows } = await test.test.admin((client) =>
      client.query<{ stream: string }>(
        `UPDATE es_event SET data = data || ' ' WHERE tenant_id = $1 AND type = 'CompanyCreated'
            AND pos = (SELECT min(pos) FROM es_event WHERE tenant_id = $1
              AND type = 'CompanyCreated') RETURNING stream_id AS stream`,
        [owner.tenantId],
      ),
    );
    const broken = await verified(owner);
    expect(broken.result).toMatchObject({
      intact: false,
      violations: [{ streamId: rows[0]!.stream, version: 1, kind: 'altered' }],
    });
    await test.test.admin((client) =>
      client.query(
        `UPDATE es_event SET data = left(data, -1) WHERE tenant_id = $1 AND stream_id = $2`,
        [owner.tenantId, rows[0]!.stream],
      ),
    );
  });

  it('S30 hands out a file that proves itself, and notes who took it', async () => {
    const reply = await owner.get('/audit/export');
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-disposition')).toContain(`log-${owner.tenantId}.ndjson`);
    const path = seals.copy.path('export');
    writeFileSync(path, reply.text!);
    const { stdout } = await run(process.execPath, [verifier, path]);
    expect(stdout).toContain('every chain is intact');
    rmSync(path);
    await test.settled();
    const accesses = (await owner.get('/timeline/access')).body.data;
    expect(JSON.stringify(accesses)).toContain('audit');
  });

  it('S30 is for administrators, and of their own workspace only', async () => {
    for (const path of ['/audit', '/audit/seals', '/audit/export']) {
      expect(await (await home.person('member')).get(path)).toMatchObject({ status: 403 });
      expect(await test.request(`/api/v1${path}`)).toMatchObject({ status: 401 });
    }
    const stranger = await (await test.workspace()).person('owner');
    expect((await stranger.get('/audit')).body.data).toMatchObject({ seals: 0, events: 0 });
    expect((await stranger.get('/audit/seals')).body.data).toEqual([]);
    expect((await stranger.get('/audit/export')).text).not.toContain(owner.tenantId);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { KurrentDbServer } from '#platform/event-store/kurrentdb/server';
import { startFakeKurrentDb, type FakeKurrentDb } from '#test/faults/kurrentdb/fake-kurrentdb';
import { cliOn, type Ran } from '#test/support/cli';
import { startTestServer, type TestServer, type TestUser } from '#test/support/server';

/** What operators see of a log on a server of its own, healthy, gone and altered. */
describe('operations with the log on KurrentDB (fake)', () => {
  let fake: FakeKurrentDb;
  let log: KurrentDbServer;
  let server: TestServer;
  let owner: TestUser;
  let folder: string;
  const run = (line: string, url: string | undefined = fake.url): Promise<Ran> =>
    cliOn(server.test, { DATA_DIR: folder, ...(url ? { KURRENTDB_URL: url } : {}) })(line);
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientforge-operations-'));
    fake = await startFakeKurrentDb({ version: '26.1.0' });
    log = await KurrentDbServer.connect({ url: fake.url, callMs: 2_000, retryMs: 2_000 });
    server = await startTestServer({}, {}, { kurrentDb: log });
    owner = await (await server.workspace()).person('owner');
    for (let n = 0; n < 3; n++) await owner.post('/companies', { name: `Company ${n}` });
    await server.settled();
  });
  afterEach(() => {
    fake.up();
    fake.clear();
  });
  afterAll(async () => {
    await server?.close();
    await log?.close();
    await fake?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const health = async () => (await server.request('/health')).body;
  /** Health is asked at most once a second, and a copy is begun again after a moment. */
  async function isHealthy(): Promise<void> {
    for (let waited = 0; waited < 100; waited++) {
      const { log: found } = (await health()).dependencies;
      if (found.status === 'healthy' && found.copying && found.copy_lag_events === 0) return;
      await pause(100);
    }
    expect((await health()).dependencies.log).toMatchObject({ status: 'healthy', copying: true });
  }
  const metrics = async () => (await server.request('/metrics')).text;
  const checksOf = (ran: Ran) =>
    (ran.json() as { checks: { name: string; status: string }[] }).checks.filter(({ name }) =>
      name.startsWith('log-copy'),
    );

  it('/health and /metrics tell of the log and of its copy', async () => {
    await isHealthy();
    const { status, dependencies } = await health();
    expect(['healthy', 'degraded']).toContain(status);
    expect(dependencies.log).toMatchObject({
      ...{ store: 'kurrentdb', version: '26.1.0', copy_lag_events: 0, copy_lag_seconds: 0 },
    });
    const text = await metrics();
    expect(text).toMatch(/^clientforge_log_copy_lag_events 0$/m);
    expect(text).toMatch(/^clientforge_log_copy_lag_seconds 0$/m);
  });

  it('/health says that the log is gone; lists are served, commands are refused for the moment', async () => {
    fake.down();
    await pause(1_100);
    const gone = await server.request('/health');
    expect([gone.status, gone.body.status]).toEqual([503, 'unhealthy']);
    expect(gone.body.dependencies).toMatchObject({
      log: { status: 'unhealthy', store: 'kurrentdb' },
      database: { status: 'healthy' },
    });
    // Traffic still comes: what reads is answered.
    expect((await server.request('/health/ready')).status).toBe(200);
    const lists = await owner.get('/companies');
    expect([lists.status, lists.body.data?.length]).toEqual([200, 3]);
    const refused = await owner.post('/companies', { name: 'Refused' });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBeTruthy();
    // No figure rather than a wrong one; the scrape itself goes on.
    const text = await metrics();
    expect(text).toContain('clientforge_projection_lag_events');
    expect(text).not.toMatch(/^clientforge_log_copy_lag_events \d/m);
    fake.up();
    await isHealthy();
    expect(await metrics()).toMatch(/^clientforge_log_copy_lag_events 0$/m);
  }, 60_000);

  it('doctor and audit verify compare the copy with the server', async () => {
    const doctor = await run('doctor --json');
    expect(checksOf(doctor)).toMatchObject([{ status: 'holds' }, { status: 'holds' }]);
    expect(checksOf(doctor)[0]).toMatchObject({ name: 'log-copy', checked: expect.any(Number) });
    expect((await run('audit verify --all --json')).json()).toMatchObject({ intact: true });
  });

  it('doctor says what it could not look at, audit verify that it could not run', async () => {
    const dead = 'kurrentdb://operator:secret@127.0.0.1:9?tls=false';
    const doctor = await run('doctor', dead);
    expect([doctor.code, doctor.out + doctor.error]).toEqual([
      2,
      expect.stringContaining('127.0.0.1:9'),
    ]);
    const audit = await run('audit verify --all', dead);
    expect([audit.code, audit.out + audit.error]).toEqual([
      3,
      expect.stringContaining('127.0.0.1:9'),
    ]);
    for (const { out, error } of [doctor, audit]) expect(out + error).not.toContain('secret');
    const unset = await run('doctor --json', '');
    expect(checksOf(unset)).toMatchObject([
      { status: 'not checked', note: expect.stringContaining('KURRENTDB_URL is not set') },
      { status: 'not checked' },
    ]);
  }, 60_000);

  it('both find an event that differs on the server, and one that is not there', async () => {
    const ours = fake.state.records.filter(({ stream }) => /\.company-/.test(stream));
    const { data, stream } = ours.at(-1)!;
    const streamId = stream.split('.')[1]!;
    const kept = Buffer.from(data);
    data.set([data.at(-2)! ^ 1], data.length - 2);
    const doctor = await run('doctor --json');
    expect(doctor.code).toBe(1);
    expect(checksOf(doctor)[0]).toMatchObject({
      status: 'violated',
      example: expect.stringContaining(`${streamId} of tenant ${owner.tenantId}: revision 1`),
    });
    const audit = await run(`audit verify --tenant ${owner.tenantId} --json`);
    expect([audit.code, audit.json()]).toMatchObject([
      1,
      { intact: false, violations: [{ streamId, kind: 'altered' }] },
    ]);
    data.set(kept);
    expect(checksOf(await run('doctor --json'))[0]).toMatchObject({ status: 'holds' });
    // The copy has one that the server does not: nothing of the product ever writes that.
    await server.test.admin((client) =>
      client.query(`UPDATE es_stream SET version = version + 1 WHERE stream_id = $1`, [streamId]),
    );
    expect(checksOf(await run('doctor --json'))[0]).toMatchObject({
      status: 'violated',
      example: expect.stringContaining('revision 2 is not on the KurrentDB server'),
    });
  }, 60_000);
});

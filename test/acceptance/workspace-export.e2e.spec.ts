import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runJobs } from '#apps/composition/jobs';
import { EXPORT_KEEP_DAYS, ExportFiles } from '#apps/composition/workspace-export/export-files';
import { workspaceExportJob } from '#apps/composition/workspace-export/export-job';
import { systemContext } from '#platform/platform';
import { forged } from '#test/support/forged';
import { cliOn } from '#test/support/cli';
import { until } from '#test/support/live-socket';
import { testSeals, type TestSeals } from '#test/support/sealing';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const run = promisify(execFile);
const verifier = fileURLToPath(new URL('../../ops/audit/verify-export.mjs', import.meta.url));
const DAY = 86_400_000;

describe('the export of a workspace', () => {
  let test: TestServer;
  let seals: TestSeals;
  let home: TestWorkspace;
  let owner: TestUser;
  let admin: TestUser;
  let stranger: TestUser;
  let folder: string;
  let files: ExportFiles;
  let runner: ReturnType<typeof runJobs> | undefined;
  /** Moves the clock of the server. */
  let ahead = 0;
  beforeAll(async () => {
    seals = testSeals();
    folder = mkdtempSync(join(tmpdir(), 'clientforge-export-'));
    files = new ExportFiles(folder);
    test = await startTestServer(
      { dataDir: folder },
      {},
      {
        jobs: [workspaceExportJob(files)],
        seals: () => Promise.resolve(seals),
        clock: () => new Date(Date.now() + ahead),
      },
    );
    home = await test.workspace();
    [owner, admin] = [await home.person('owner'), await home.person('admin')];
    stranger = await (await test.workspace()).person('owner');
    await owner.post('/companies', { name: 'Hooli' });
    await owner.post('/contacts', { firstName: 'Gavin', lastName: 'Belson', email: 'g@hooli.com' });
    await stranger.post('/companies', { name: 'Foreign Raviga' });
    await test.settled();
    const sealer = seals.sealer(test.platform.database);
    await sealer.catchUp();
    await sealer.close();
  });
  afterAll(async () => {
    await runner?.stop();
    await test.close();
    seals.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const work = () => {
    runner ??= runJobs(test.platform, { jobsAtOnce: 2, jobKeepDays: 30 }, () => undefined);
  };
  const last = async () => (await owner.get('/tenant/export')).body.data;
  const ended = (status: string) => until(status, async () => (await last()).status === status);
  const follow = (url: string) => test.request(url);
  const kept = () => readdirSync(join(folder, 'files', 'exports', home.tenantId));

  it('S17 is begun by owners who have just proved who they are, one at a time', async () => {
    expect((await owner.get('/tenant/export')).body.data).toBeNull();
    expect((await admin.post('/tenant/export')).status).toBe(403);
    expect((await admin.get('/tenant/export')).status).toBe(403);
    ahead = 11 * 60_000;
    const unproven = await owner.post('/tenant/export');
    expect(unproven).toMatchObject({ status: 403, body: { error: { code: 'STEP_UP_REQUIRED' } } });
    ahead = 0;
    const begun = await Promise.all([owner.post('/tenant/export'), owner.post('/tenant/export')]);
    expect(begun.map(({ status }) => status)).toContain(202);
    const second = await owner.post('/tenant/export');
    expect(second).toMatchObject({ status: 409, body: { error: { code: 'EXPORT_UNDER_WAY' } } });
    const { body } = await owner.get('/jobs?kind=workspace-export');
    expect(body.data).toHaveLength(1);
  });

  it('is cancelled while it waits, and leaves no file', async () => {
    const { id } = await last();
    expect((await owner.post(`/jobs/${id}/cancel`)).status).toBe(200);
    expect(await last()).toMatchObject({ status: 'cancelled' });
    expect((await owner.post(`/tenant/export/${id}/link`)).status).toBe(404);
  });

  it('holds the log, which verifies offline, and every record of this workspace alone', async () => {
    work();
    expect((await owner.post('/tenant/export')).status).toBe(202);
    await ended('succeeded');
    const { id, result, progress } = await last();
    expect(progress.done).toBeGreaterThan(0);
    const made = await owner.post(`/tenant/export/${id}/link`);
    expect(made.status).toBe(201);
    const response = await fetch(`${test.url}${made.body.data.url}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toContain(`${home.slug}-export-`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes).toHaveLength(result.bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(result.sha256);

    const out = mkdtempSync(join(folder, 'out-'));
    writeFileSync(join(out, 'export.tar.gz'), bytes);
    await run('tar', ['-xzf', join(out, 'export.tar.gz'), '-C', out]);
    const root = join(out, `${home.slug}-export`);
    const manifest = JSON.parse(readFileSync(join(root, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ format: 1, workspace: { id: home.tenantId } });
    for (const { name, bytes: size, lines, sha256 } of manifest.files) {
      const text = readFileSync(join(root, name));
      expect([name, text.length, createHash('sha256').update(text).digest('hex')]).toEqual([
        name,
        size,
        sha256,
      ]);
      if (name.startsWith('records/')) {
        expect(text.toString().split('\n').filter(Boolean)).toHaveLength(lines);
      }
    }
    const names = manifest.files.map(({ name }: { name: string }) => name);
    const models = [...test.platform.registry.readModels.keys()];
    expect(names).toEqual(['events.ndjson', ...models.map((one) => `records/${one}.jsonl`)]);
    const recordsOf = (name: string) =>
      readFileSync(join(root, 'records', `${name}.jsonl`), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    expect(recordsOf('companies')).toMatchObject([{ name: 'Hooli' }]);
    expect(recordsOf('contacts')).toMatchObject([{ email: 'g@hooli.com' }]);
    expect(recordsOf('users')).toHaveLength(2);
    expect(result).toMatchObject({ events: manifest.log.events, files: names.length });
    const everything = (
      await run('tar', ['-xzOf', join(out, 'export.tar.gz')], {
        maxBuffer: 1 << 28,
      })
    ).stdout;
    expect(everything).not.toContain('Foreign Raviga');

    const key = join(out, 'key.pem');
    writeFileSync(key, seals.keys.publicKeys[0]!.publicKey);
    // Ends with another code than 0, and so rejects, where anything is violated.
    const log = join(root, 'events.ndjson');
    const told = await run(process.execPath, [verifier, log, manifest.log.digest, '--key', key]);
    expect(told.stdout).toContain(`${result.events} events`);
  });

  it('S16 leads to a file only for whoever may, and only for a quarter of an hour', async () => {
    const { id } = await last();
    expect((await stranger.post(`/tenant/export/${id}/link`)).status).toBe(404);
    expect((await admin.post(`/tenant/export/${id}/link`)).status).toBe(403);
    const url = (await owner.post(`/tenant/export/${id}/link`)).body.data.url as string;
    const other = (await owner.post(`/tenant/export/${id}/link`)).body.data.url as string;
    // An earlier link is void.
    expect((await follow(url)).status).toBe(404);
    expect((await follow(forged(other))).status).toBe(404);
    expect((await follow('/api/v1/tenant/export/file')).status).toBe(404);
    expect((await follow('/api/v1/tenant/export/file?token=cfo_x')).status).toBe(404);
    ahead = 16 * 60_000;
    expect((await follow(other)).status).toBe(404);
    ahead = 0;
    expect((await follow(other)).status).toBe(200);
    await test.platform.dispatch('SuspendTenant', {}, systemContext(home.tenantId, 'spec'), {
      id: home.tenantId,
    });
    expect((await follow(other)).status).toBe(404);
    await test.platform.dispatch('ReactivateTenant', {}, systemContext(home.tenantId, 'spec'), {
      id: home.tenantId,
    });
  });

  it('is told in the timeline and in the log of who looked at what', async () => {
    await test.settled();
    const { body } = await owner.get(`/timeline/tenant/${home.tenantId}`);
    const entry = body.data.find((one: { action: string }) => one.action === 'exported');
    expect(entry.actor).toMatchObject({ type: 'user', id: owner.id });
    const { rows } = await test.test.admin((client) =>
      client.query(
        `SELECT 1 FROM access_log WHERE tenant_id = $1 AND record_type = 'workspace'
            AND action = 'exported' AND actor_id = $2`,
        [home.tenantId, owner.id],
      ),
    );
    expect(rows.length).toBeGreaterThan(0);
  });

  it('is gone after a week', async () => {
    const { id } = await last();
    ahead = (EXPORT_KEEP_DAYS + 1) * DAY;
    expect(await files.open(home.tenantId, id, test.platform.clock())).toBeUndefined();
    await files.cleanUp(test.platform.clock());
    expect(kept()).toEqual([]);
    ahead = 0;
    expect((await owner.post(`/tenant/export/${id}/link`)).status).toBe(404);
  });

  it('is written by the operator as well', async () => {
    const cli = cliOn(test.test, { DATA_DIR: folder });
    const path = join(folder, 'operator.tar.gz');
    const done = await cli(`tenants export --tenant ${home.tenantId} --out ${path} --json`);
    expect(done.error).toBe('');
    expect(done.json()).toMatchObject({ file: path, files: expect.any(Number) });
    const { stdout } = await run('tar', ['-tzf', path]);
    expect(stdout).toContain(`${home.slug}-export/records/companies.jsonl`);
    expect(existsSync(`${path}.parts`)).toBe(false);
    const nowhere = await cli(`tenants export --tenant ${home.tenantId} --out /nowhere/x.tar.gz`);
    expect(nowhere.code).toBe(3);
  });
});

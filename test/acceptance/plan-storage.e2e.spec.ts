import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ImportFiles } from '#apps/composition/import/import-files';
import { importJob } from '#apps/composition/import/import-job';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const dataDir = mkdtempSync(join(tmpdir(), 'clientforge-storage-'));
const files = new ImportFiles(dataDir, 500_000);
const GB = 1_000_000_000;

describe('storage of a plan', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  beforeAll(async () => {
    const settings = { dataDir, importMaxBytes: files.maxBytes };
    server = await startTestServer(settings, {}, { jobs: [importJob(files)] });
    workspace = await server.workspace();
    owner = await workspace.person('owner');
  });
  afterAll(async () => {
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const usage = async (by = owner) => (await by.get('/tenant/usage')).body.data;
  /** What the log holds of a workspace, counted all over again. */
  async function logged({ tenantId }: TestWorkspace): Promise<number> {
    const { rows } = await server.platform.database.tenant(tenantId, (db) =>
      db.query<{ bytes: string }>(
        'SELECT sum(octet_length(data) + octet_length(meta)) AS bytes FROM es_event WHERE tenant_id = $1',
        [tenantId],
      ),
    );
    return Number(rows[0]!.bytes);
  }
  /** The storage once what was just written is below the horizon. */
  async function stored(bytes: number, by = owner): Promise<number> {
    for (;;) {
      const { used } = (await usage(by)).storageBytes;
      if (used >= bytes) return used;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const upload = (text: string) =>
    owner.request('/import-files?name=companies.csv&type=companies', {
      method: 'POST',
      raw: text,
      headers: { 'content-type': 'text/csv' },
    });
  const count = (bytes: number) =>
    server.platform.database.tenant(workspace.tenantId, (db) =>
      db.query('UPDATE usage_storage SET bytes = $2 WHERE tenant_id = $1', [
        workspace.tenantId,
        bytes,
      ]),
    );

  it('B1 is the events and files of the workspace, each counted once, and of no other', async () => {
    const before = await stored(await logged(workspace));
    expect(before).toBe(await logged(workspace));
    await owner.post('/companies', { name: 'Hooli', description: 'x'.repeat(5_000) });
    const after = await stored(before + 5_000);
    expect(after).toBe(await logged(workspace));
    expect(await stored(0)).toBe(after);
    const text = 'name\nRaviga\n';
    expect((await upload(text)).status).toBe(201);
    expect(await stored(after)).toBeGreaterThanOrEqual(after + text.length);
    const other = await server.workspace();
    const stranger = await other.person('owner');
    expect(await stored(await logged(other), stranger)).toBe(await logged(other));
  });

  it('B1 refuses uploads and imports at the limit, and neither exports nor deletions', async () => {
    const { limit } = (await usage()).storageBytes;
    const made = await owner.post('/companies', { name: 'Aviato' });
    const file = (await upload('name\nEndframe\n')).body.data;
    const start = () => owner.post('/companies/import', { fileId: file.id });
    await count(limit - GB);
    expect((await upload('name\nBachmanity\n')).status).toBe(201);
    await count(limit);
    const full = {
      status: 422,
      body: {
        error: {
          code: 'LIMIT_REACHED',
          message: `The ${limit / GB} GB of storage that the plan of the workspace has are used up.`,
          details: [
            { field: 'storage', rule: 'plan', remedy: expect.stringContaining('larger plan') },
          ],
        },
      },
    };
    expect(await upload('name\nIntersite\n')).toMatchObject(full);
    expect(await start()).toMatchObject(full);
    const direct = await owner.request('/companies/import', {
      method: 'POST',
      raw: 'name\nIntersite\n',
      headers: { 'content-type': 'text/csv' },
    });
    expect(direct).toMatchObject(full);
    const csv = await owner.get('/companies', { accept: 'text/csv' });
    expect([csv.status, csv.text!.includes('Aviato')]).toEqual([200, true]);
    expect((await owner.delete(`/companies/${made.body.data.id}`)).status).toBeLessThan(300);
    const { plans } = await usage();
    const named = Object.fromEntries(
      plans.map(({ planType, problems }: any) => [planType, problems.map((one: any) => one.field)]),
    );
    expect(named).toEqual({
      starter: ['storage'],
      professional: ['storage'],
      business: ['storage'],
      enterprise: [],
    });
  });
});

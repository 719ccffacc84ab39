import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ImportFiles } from '#apps/composition/import/import-files';
import { importJob } from '#apps/composition/import/import-job';
import { Imports } from '#apps/composition/import/imports';
import { createWorkspace, type Workspace } from '#apps/composition/workspace';
import type { RequestContext } from '#kernel/context';
import { isRefusal } from '#kernel/refusal';
import { environment } from '#platform/config/environment';
import type { Job } from '#platform/jobs/job';
import { systemContext } from '#platform/platform';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

/** Built with the product; a worker has to be a process of its own to be killed. */
const worker = join(import.meta.dirname, '../../dist/test/support/import-worker.js');
const ROWS = 4000;

/** Companies that name one further down or up, a fault in every thousandth row. */
function fileOf(name: string, rows: number): string {
  const lines = Array.from({ length: rows }, (_, n) => {
    const parent = n % 10 === 3 ? `${name} ${(n * 7) % rows}` : '';
    return `${name} ${n},${n % 1000 === 999 ? 'many' : n},${parent}`;
  });
  return `Name,Employees,Parent\n${lines.join('\n')}\n`;
}

describe('an import that is cut short', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'clientforge-killed-'));
  const files = new ImportFiles(dataDir, 1e9);
  const children: ChildProcess[] = [];
  let test: TestPlatform;
  let ctx: RequestContext;
  beforeAll(async () => {
    test = await startTestPlatform(undefined, { jobs: [importJob(files)] });
    const { tenantId } = (await createWorkspace(test.platform, {
      name: 'Hooli',
      ownerEmail: 'owner@hooli.example',
      ownerPassword: 'seven quiet lanterns drift',
    })) as Workspace;
    ctx = systemContext(tenantId, 'spec');
  }, 30_000);
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  afterAll(async () => {
    await test.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function startWorker(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [worker], {
      env: {
        ...environment,
        DATA_DIR: dataDir,
        DATABASE_URL: test.test.url,
        MASTER_KEY: test.test.masterKey.toString('base64'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout!, 'data');
    return child;
  }

  const jobOf = async (id: string) => (await test.platform.jobs.get(ctx, id)) as Job;
  const created = async () => {
    const { rows } = await test.test.admin((client) =>
      client.query<{ events: number; streams: number }>(
        `SELECT count(*)::int AS events, count(DISTINCT stream_id)::int AS streams
           FROM es_event WHERE type = 'CompanyCreated'`,
      ),
    );
    return rows[0]!;
  };

  async function begin(name: string): Promise<string> {
    const imports = new Imports(test.platform, files);
    const source = Readable.from([fileOf(name, ROWS)]);
    const uploaded = await imports.upload(ctx, source, 'all.csv', 'companies');
    if (isRefusal(uploaded)) throw new Error(JSON.stringify(uploaded));
    const started = await imports.start(ctx, 'companies', (uploaded as { id: string }).id, {
      mapping: {
        Name: { field: 'name' },
        Employees: { field: 'employeeCount' },
        Parent: { field: 'parentId' },
      },
      key: ['name'],
    });
    if (isRefusal(started)) throw new Error(JSON.stringify(started));
    return (started as Job).id;
  }

  async function ended(id: string): Promise<Job> {
    let job = await jobOf(id);
    while (!job.finishedAt) {
      await sleep(100);
      job = await jobOf(id);
    }
    return job;
  }

  const whole = { created: ROWS - 4, changed: 0, unchanged: 0, rejected: 4, rows: ROWS };

  it('goes on with no company twice and none missing, and counts as if nothing had been', async () => {
    const id = await begin('Company');
    // Killed twice: among the rows, and once more a little later.
    for (const least of [500, 2500]) {
      const child = await startWorker();
      while ((await created()).events < least) await sleep(20);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect((await created()).events).toBeLessThan(ROWS);
    await startWorker();
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'succeeded', attempts: 3, result: whole });
    const lines = (job.result!['problems'] as { line: number }[]).map(({ line }) => line);
    expect(lines).toEqual([1001, 2001, 3001, 4001]);
    expect(await created()).toEqual({ events: ROWS - 4, streams: ROWS - 4 });
    const text = await (await files.rejected(ctx.tenantId, id))!.toArray();
    expect(Buffer.concat(text).toString().trim().split('\r\n')).toHaveLength(5);
  }, 180_000);

  it('stops within seconds when it is cancelled, and goes on when it is tried again', async () => {
    const before = (await created()).events;
    await startWorker();
    const id = await begin('Other');
    while ((await created()).events < before + 500) await sleep(20);
    await test.platform.jobs.cancel(ctx, id);
    expect(await ended(id)).toMatchObject({ status: 'cancelled', cancelRequested: true });
    const cancelled = (await created()).events - before;
    expect(cancelled).toBeLessThan(ROWS - 4);
    await sleep(500);
    expect((await created()).events - before).toBe(cancelled);
    await test.platform.jobs.retry(ctx, id);
    expect(await ended(id)).toMatchObject({ status: 'succeeded', result: whole });
    const all = before + ROWS - 4;
    expect(await created()).toEqual({ events: all, streams: all });
  }, 180_000);
});

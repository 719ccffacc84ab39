import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { importFile } from '#apps/composition/import/file-import';
import { checkImport, type CheckedImport } from '#apps/composition/import/import-spec';
import { createWorkspace, type Workspace } from '#apps/composition/workspace';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { systemContext } from '#platform/platform';
import { peopleRows } from '#test/support/people-rows';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const ROWS = 60_000;
/** By then everything that has a size of its own is as large as it gets. */
const SETTLED = 20_000;

describe('an import of a long file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clientforge-long-'));
  let test: TestPlatform;
  beforeAll(async () => {
    test = await startTestPlatform();
    test.platform.projections.start();
  }, 30_000);
  afterAll(async () => {
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`holds no more of ${ROWS} rows than of ${SETTLED}`, async () => {
    const path = join(folder, 'people.csv');
    await pipeline(Readable.from(peopleRows(ROWS)), createWriteStream(path));
    const { tenantId } = (await createWorkspace(test.platform, {
      name: 'Hooli',
      ownerEmail: 'owner@hooli.example',
      ownerPassword: 'seven quiet lanterns drift',
    })) as Workspace;
    const ctx = systemContext(tenantId, 'spec');
    const spec = { type: 'contacts', path, name: 'people.csv', key: ['email'], dryRun: true };
    const checked = await checkImport(test.platform, ctx, spec);
    if (isRefusal(checked)) throw new Error(JSON.stringify(checked));
    const heaps: number[] = [];
    let next = SETTLED;
    const result = await importFile(checked as CheckedImport, {
      platform: test.platform,
      ctx,
      importId: uuidv7(),
      resultPath: join(folder, 'rejected.csv'),
      outcomePath: join(folder, 'rows'),
      progress: (done) => {
        if (done < next) return;
        next += 20_000;
        collect();
        heaps.push(process.memoryUsage().heapUsed / 1e6);
      },
    });
    expect(result).toMatchObject({ created: ROWS, rejected: 0, rows: ROWS });
    expect(heaps.length).toBe(3);
    expect(Math.max(...heaps) - heaps[0]!).toBeLessThan(16);
  }, 600_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '#kernel/ids';
import { systemContext } from '#platform/platform';
import {
  archiveParts,
  writeArchive,
  type ArchiveState,
} from '#platform/operations/workspace-archive';
import { testSeals, type TestSeals } from '#test/support/sealing';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

describe('R11 an export that is interrupted', () => {
  let test: TestPlatform;
  let seals: TestSeals;
  let folder: string;
  const workspace = { id: uuidv7(), slug: 'hooli', name: 'Hooli' };
  beforeAll(async () => {
    seals = testSeals();
    folder = mkdtempSync(join(tmpdir(), 'clientforge-archive-'));
    test = await startTestPlatform(undefined, { seals: () => Promise.resolve(seals) });
    const ctx = systemContext(workspace.id, 'spec');
    const made = { name: workspace.name, slug: workspace.slug };
    await test.platform.dispatch('CreateTenant', made, ctx, { id: workspace.id });
    // More than a page.
    for (let number = 0; number < 501; number++) {
      await test.platform.dispatch('CreateCompany', { name: `Company ${number}` }, ctx);
    }
    await test.platform.projections.catchUp();
  }, 120_000);
  afterAll(async () => {
    await test.close();
    seals.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes on behind the last whole file, whichever that is', async () => {
    const path = join(folder, 'hooli.tar.gz');
    const at = new Date('2026-01-15T10:00:00.000Z');
    const written: string[] = [];
    const whole = async (before: ArchiveState | undefined, tries: number) =>
      writeArchive(test.platform, {
        workspace,
        path,
        at,
        before,
        saved: async (state) => {
          saved = state;
          written.push(state.files.at(-1)!.name);
          if (written.length < tries) return;
          throw new Error('crashed');
        },
      });
    let saved: ArchiveState | undefined;
    await expect(whole(undefined, 1)).rejects.toThrow('crashed');
    await expect(whole(saved, 3)).rejects.toThrow('crashed');
    expect(existsSync(path)).toBe(false);
    const report = await whole(saved, Infinity);
    // Each file once, however often it was begun.
    expect(new Set(written).size).toBe(written.length);
    expect(report).toMatchObject({ records: 502, files: written.length });
    expect(readFileSync(path)).toHaveLength(report.bytes);
    expect(existsSync(archiveParts(path))).toBe(false);
  });

  it('begins anew where the files of the earlier try are not there', async () => {
    const path = join(folder, 'again.tar.gz');
    const before = {
      files: [{ name: 'events.ndjson', lines: 1, bytes: 1, sha256: '' }],
    };
    const options = { workspace, path, at: new Date(), before };
    expect(await writeArchive(test.platform, options)).toMatchObject({ records: 502 });
  });

  it('stops where it is told to and writes no archive', async () => {
    const path = join(folder, 'stopped.tar.gz');
    const stop = new AbortController();
    const options = {
      workspace,
      path,
      at: new Date(),
      signal: stop.signal,
      progress: () => stop.abort(new Error('cancelled')),
    };
    await expect(writeArchive(test.platform, options)).rejects.toThrow('cancelled');
    expect(existsSync(path)).toBe(false);
  });
});

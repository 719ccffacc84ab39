import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid } from '#kernel/ids';
import { archiveParts } from '#platform/operations/workspace-archive';

/** Days for which an archive can be downloaded. */
export const EXPORT_KEEP_DAYS = 7;
const DAY_MS = 86_400_000;

export const exportExpiry = (at: Date): Date => new Date(at.getTime() + EXPORT_KEEP_DAYS * DAY_MS);

/** Archives of workspaces, a folder each, by the job that made them. */
export class ExportFiles {
  private readonly root: string;

  constructor(dataDir: string) {
    this.root = join(dataDir, 'files', 'exports');
  }

  private folder(tenantId: string): string {
    if (!isUuid(tenantId)) throw new Error('not a workspace');
    return join(this.root, tenantId);
  }

  /** Where the archive of a job is, or will be; makes the folder. */
  async prepare(tenantId: string, jobId: string): Promise<string> {
    await mkdir(this.folder(tenantId), { recursive: true, mode: 0o700 });
    return this.path(tenantId, jobId);
  }

  private path(tenantId: string, jobId: string): string {
    if (!isUuid(jobId)) throw new Error('not the id of a job');
    return join(this.folder(tenantId), `${jobId}.tar.gz`);
  }

  /** An archive that is whole and not too old; undefined where there is none. */
  async open(
    tenantId: string,
    jobId: string,
    now: Date,
  ): Promise<{ readonly bytes: number; readonly at: Date; stream(): ReadStream } | undefined> {
    const path = this.path(tenantId, jobId);
    const found = await stat(path).catch(() => undefined);
    if (!found || exportExpiry(found.mtime) <= now) return undefined;
    return { bytes: found.size, at: found.mtime, stream: () => createReadStream(path) };
  }

  /** Deletes an archive, and what there is of one that is not whole. */
  async forget(tenantId: string, jobId: string): Promise<void> {
    const path = this.path(tenantId, jobId);
    const all = [path, `${path}.part`, archiveParts(path)];
    await Promise.all(all.map((one) => rm(one, { recursive: true, force: true })));
  }

  /** Deletes archives that nobody may download any more, and what broken exports left. */
  async cleanUp(now: Date): Promise<void> {
    const tenants = await readdir(this.root).catch(() => [] as string[]);
    for (const tenantId of tenants.filter(isUuid)) {
      for (const name of await readdir(this.folder(tenantId))) {
        const path = join(this.folder(tenantId), name);
        const found = await stat(path).catch(() => undefined);
        if (found && exportExpiry(found.mtime) <= now) {
          await rm(path, { recursive: true, force: true });
        }
      }
    }
  }
}

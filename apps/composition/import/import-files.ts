import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isUuid, uuidv7 } from '#kernel/ids';
import { refusal, type Refusal } from '#kernel/refusal';

/** What is known of an uploaded file beside its bytes. */
export interface StoredFile {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** Who uploaded it. */
  readonly createdById: string;
  readonly createdAt: string;
}

const DAY = 86_400_000;
/** Days after which an uploaded file is deleted. */
export const KEEP_DAYS = 7;

/** Uploaded files and what imports keep beside them, a folder a workspace. */
export class ImportFiles {
  private readonly root: string;

  constructor(
    dataDir: string,
    /** The most bytes of a file. */
    readonly maxBytes: number,
  ) {
    this.root = join(dataDir, 'files', 'imports');
  }

  folder(tenantId: string): string {
    if (!isUuid(tenantId)) throw new Error('not a workspace');
    return join(this.root, tenantId);
  }

  path(tenantId: string, id: string): string {
    if (!isUuid(id)) throw new Error('not the id of a file');
    return join(this.folder(tenantId), `${id}.csv`);
  }

  /** What a job keeps: the file of rejected rows, and what became of each line. */
  jobPaths(tenantId: string, jobId: string) {
    const base = this.path(tenantId, jobId).replace(/\.csv$/, '');
    return { resultPath: `${base}.rejected.csv`, outcomePath: `${base}.rows` } as const;
  }

  /** Streams an upload to disk; refuses one that is empty or too large, and keeps nothing of it. */
  async take(
    source: Readable,
    about: Pick<StoredFile, 'tenantId' | 'name' | 'type' | 'createdById'>,
  ): Promise<StoredFile | Refusal> {
    const id = uuidv7();
    const path = this.path(about.tenantId, id);
    await mkdir(this.folder(about.tenantId), { recursive: true, mode: 0o700 });
    const part = `${path}.part`;
    let bytes = 0;
    const { maxBytes } = this;
    const limit = new Transform({
      // What is too much is read and dropped: a cut connection would carry no answer.
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        done(null, bytes > maxBytes ? undefined : chunk);
      },
    });
    try {
      await pipeline(source, limit, createWriteStream(part, { mode: 0o600 }));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    if (bytes === 0 || bytes > maxBytes) {
      await rm(part, { force: true });
      return bytes === 0 ? noFile : tooLarge(maxBytes);
    }
    const stored = { id, ...about, bytes, createdAt: new Date().toISOString() };
    await writeFile(this.about(path), JSON.stringify(stored), { mode: 0o600 });
    await rename(part, path);
    return stored;
  }

  private about(path: string): string {
    return path.replace(/\.csv$/, '.json');
  }

  /** An uploaded file of a workspace; undefined where there is none by now. */
  async find(tenantId: string, id: string): Promise<StoredFile | undefined> {
    if (!isUuid(id)) return undefined;
    const path = this.path(tenantId, id.toLowerCase());
    try {
      const handle = await open(path);
      await handle.close();
      return JSON.parse(await readFile(this.about(path), 'utf8')) as StoredFile;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The rejected rows of a job as CSV; undefined where it has none. */
  async rejected(tenantId: string, jobId: string): Promise<Readable | undefined> {
    const { resultPath } = this.jobPaths(tenantId, jobId);
    const there = await stat(resultPath).then(
      () => true,
      () => false,
    );
    return there ? createReadStream(resultPath) : undefined;
  }

  /** Deletes what a job has kept. */
  async forgetJob(tenantId: string, jobId: string): Promise<void> {
    const { resultPath, outcomePath } = this.jobPaths(tenantId, jobId);
    await Promise.all([resultPath, outcomePath].map((path) => rm(path, { force: true })));
  }

  /** Bytes of all that is kept of a workspace's imports. */
  async bytes(tenantId: string): Promise<number> {
    const folder = this.folder(tenantId);
    const names = await readdir(folder).catch(() => [] as string[]);
    // What is deleted meanwhile counts no more.
    const sizes = names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  async prepareFolder(tenantId: string): Promise<void> {
    await mkdir(this.folder(tenantId), { recursive: true, mode: 0o700 });
  }

  /** Deletes uploads that are older than a week, and what is left of broken ones. */
  async cleanUp(now: Date): Promise<void> {
    const tenants = await readdir(this.root).catch(() => [] as string[]);
    for (const tenantId of tenants.filter(isUuid)) {
      const folder = this.folder(tenantId);
      for (const name of await readdir(folder)) {
        if (!/^[0-9a-f-]{36}\.(csv|json|csv\.part)$/.test(name)) continue;
        const { mtimeMs } = await stat(join(folder, name));
        if (now.getTime() - mtimeMs > KEEP_DAYS * DAY)
          await rm(join(folder, name), { force: true });
      }
    }
  }
}

/** Why a file of more than so many bytes is not taken. */
export function tooLarge(most: number): Refusal {
  const message = `The file is larger than ${most.toLocaleString('en')} bytes.`;
  const remedy = 'Cut it into several files, or ask for a higher IMPORT_MAX_BYTES.';
  return refusal('FILE_TOO_LARGE', 'rule', message, [
    { field: 'file', rule: 'size', message, remedy },
  ]);
}

const noFile = refusal('VALIDATION_ERROR', 'shape', 'The body is empty.', [
  {
    field: 'body',
    rule: 'required',
    message: 'The body is empty.',
    remedy: 'Send the bytes of the file as the body.',
  },
]);

import { mkdir, open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { lineOfSeal, type SignedSeal } from './seal.js';

/** A seal's line is far shorter; a last line that is longer is none of ours. */
const TAIL = 16_384;
const NEWLINE = 10;

/** The end of a file: its last bytes, and how many of all belong to whole lines. */
async function tailOf(file: FileHandle): Promise<{ tail: Buffer; whole: number }> {
  const { size } = await file.stat();
  const length = Math.min(size, TAIL);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  const tail = buffer.subarray(0, buffer.lastIndexOf(NEWLINE) + 1);
  return { tail, whole: size - (length - tail.length) };
}

/**
 * The seals of each tenant in a file outside the database, one line each, which is only ever
 * appended to: whoever rules the database cannot take a seal back.
 */
export class OutsideCopy {
  constructor(readonly folder: string) {}

  path(tenantId: string): string {
    return join(this.folder, `${tenantId}.ndjson`);
  }

  /** Tenants that have a file. */
  async tenants(): Promise<readonly string[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names.flatMap((name) => /^([0-9a-f-]{36})\.ndjson$/.exec(name)?.[1] ?? []);
  }

  /** The last whole line, or undefined where nothing was written yet. */
  last(tenantId: string): Promise<string | undefined> {
    return this.reading(tenantId, undefined, async (file) => {
      const { tail } = await tailOf(file);
      return tail.toString('utf8').split('\n').at(-2);
    });
  }

  /** Appends seals; on disk once it resolves. What a crash left of a line is cut off first. */
  async append(tenantId: string, seals: readonly SignedSeal[]): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = await open(this.path(tenantId), 'a+', 0o600);
    try {
      const { whole } = await tailOf(file);
      await file.truncate(whole);
      await file.appendFile(seals.map((seal) => `${lineOfSeal(seal)}\n`).join(''));
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Bytes of whole lines at present: read up to here, the copy is never ahead of a later read. */
  size(tenantId: string): Promise<number> {
    return this.reading(tenantId, 0, async (file) => (await tailOf(file)).whole);
  }

  /** Line by line from the first, as far as these bytes. */
  async *lines(tenantId: string, size: number): AsyncGenerator<string> {
    if (size === 0) return;
    const file = await open(this.path(tenantId), 'r');
    const input = file.createReadStream({ end: size - 1 });
    try {
      yield* createInterface({ input, crlfDelay: Infinity });
    } finally {
      input.destroy();
    }
  }

  private async reading<Result>(
    tenantId: string,
    absent: Result,
    work: (file: FileHandle) => Promise<Result>,
  ): Promise<Result> {
    let file: FileHandle;
    try {
      file = await open(this.path(tenantId), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return absent;
      throw error;
    }
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }
}

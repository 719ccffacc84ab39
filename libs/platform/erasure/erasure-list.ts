import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '#kernel/context';
import type { ErasureReason } from '#event-schemas/platform/erasure.events';

/** One decided erasure: which keys of whom are to be destroyed, and why. No personal data. */
export interface ListedErasure {
  /** Also the command id of its event, so that it is recorded once. */
  readonly id: string;
  readonly tenantId: string;
  readonly subjectId: string;
  /** Versions of the subject's key at that time. */
  readonly keys: readonly number[];
  readonly reason: ErasureReason;
  readonly reference?: string;
  readonly by: Actor;
  /** ISO 8601. */
  readonly at: string;
}

const NEWLINE = 10;

/**
 * Every erasure in a file per tenant outside the database, only ever appended to: a database that
 * comes back from a backup does not know what was erased since, this list does.
 */
export class ErasureList {
  constructor(readonly folder: string) {}

  private path(tenantId: string): string {
    return join(this.folder, `${tenantId}.ndjson`);
  }

  /** Appends one; on disk once it resolves. What a crash left of a line is cut off first. */
  async add(erasure: ListedErasure): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = await open(this.path(erasure.tenantId), 'a+', 0o600);
    try {
      const bytes = await file.readFile();
      await file.truncate(bytes.lastIndexOf(NEWLINE) + 1);
      await file.appendFile(`${JSON.stringify(erasure)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    // The name of a new file has to reach the disk as well.
    const folder = await open(this.folder, 'r');
    await folder.sync().finally(() => folder.close());
  }

  /** Tenants with erasures. */
  async tenants(): Promise<readonly string[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names.flatMap((name) => /^([0-9a-f-]{36})\.ndjson$/.exec(name)?.[1] ?? []);
  }

  /** The erasures of a tenant, the oldest first. @throws Error naming a line that is none. */
  async of(tenantId: string): Promise<readonly ListedErasure[]> {
    const text = await readFile(this.path(tenantId), 'utf8').catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      },
    );
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines.flatMap((line, n) => {
      if (line === '') return [];
      try {
        return [JSON.parse(line) as ListedErasure];
      } catch {
        const where = `${this.path(tenantId)}, line ${n + 1}`;
        throw new Error(`${where} is no erasure; restore the file from its backup.`);
      }
    });
  }
}

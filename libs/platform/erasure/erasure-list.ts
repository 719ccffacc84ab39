import { readdir } from 'node:fs/promises';
import type { Actor } from '#kernel/context';
import type { ErasureReason } from '#event-schemas/platform/erasure.events';
import { appendLine, readLines } from './outside-list.js';

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

const fileOf = (tenantId: string) => `${tenantId}.ndjson`;

/**
 * Every erasure in a file per tenant outside the database, only ever appended to: a database that
 * comes back from a backup does not know what was erased since, this list does.
 */
export class ErasureList {
  constructor(readonly folder: string) {}

  /** Appends one; on disk once it resolves. */
  add(erasure: ListedErasure): Promise<void> {
    return appendLine(this.folder, fileOf(erasure.tenantId), erasure);
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
  of(tenantId: string): Promise<readonly ListedErasure[]> {
    return readLines<ListedErasure>(this.folder, fileOf(tenantId), 'erasure');
  }
}

import type { Actor } from '#kernel/context';
import { appendLine, readLines } from './outside-list.js';

/** One workspace that nothing brings back. No personal data. */
export interface ListedDeletion {
  /** Also the command id of the platform's record of it. */
  readonly id: string;
  readonly tenantId: string;
  readonly by: Actor;
  /** ISO 8601. */
  readonly at: string;
}

/** Beside the lists of erased people, which are named by their tenants. */
export const DELETIONS_FILE = 'deleted-workspaces.ndjson';

/**
 * Every deleted workspace in a file outside the database, only ever appended to: a database that
 * comes back from a backup may still have one, this list says that it must not.
 */
export class DeletionList {
  constructor(readonly folder: string) {}

  /** Appends one; on disk once it resolves. */
  add(deletion: ListedDeletion): Promise<void> {
    return appendLine(this.folder, DELETIONS_FILE, deletion);
  }

  /** All of them, the oldest first. @throws Error naming a line that is none. */
  all(): Promise<readonly ListedDeletion[]> {
    return readLines<ListedDeletion>(this.folder, DELETIONS_FILE, 'deletion');
  }

  async of(tenantId: string): Promise<ListedDeletion | undefined> {
    return (await this.all()).find((one) => one.tenantId === tenantId);
  }
}

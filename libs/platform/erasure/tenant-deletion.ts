import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Actor } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { failpoint } from '../failpoints.js';
import { REBUILD_LOCK } from '../projections/places.js';
import { systemContext, type Platform } from '../platform.js';
import { allApplied } from './all-applied.js';
import type { DeletionList, ListedDeletion } from './deletion-list.js';
import type { Reached } from './forget-beside.js';
import { isRecorded, recordDeletion } from './record-deletion.js';
import { renewStatistics } from './scrub.js';
import { emptyTables } from './tenant-tables.js';

export interface DeletionParts {
  readonly platform: Platform;
  readonly list: DeletionList;
  /** Holds a folder for each kind of file, and in it one for each workspace. */
  readonly filesDir: string;
  /** Command that ends the workspace in its own log. */
  readonly farewell: string;
}

/** What a deletion reached; holds no personal data. */
export interface DeletionReport extends ListedDeletion {
  readonly reached: readonly Reached[];
}

/**
 * Destroys workspaces: their keys first, so that nothing that was sealed can be read again, then
 * everything that was derived or kept beside the log. The log stays, and verifies.
 */
export class TenantDeletion {
  constructor(private readonly parts: DeletionParts) {}

  /** Destroys a workspace and reports; begun again it goes on where it was. */
  async destroy(tenantId: string, by: Actor): Promise<DeletionReport> {
    const { platform, list } = this.parts;
    const begun = await list.of(tenantId);
    const at = platform.clock().toISOString();
    const deletion = begun ?? { id: uuidv7(), tenantId, by, at };
    // First of all: whatever happens next, also a restoration, it is going to be done.
    if (!begun) await list.add(deletion);
    return this.carryOut(deletion, true);
  }

  /** Whether nothing brings the workspace back any more. */
  async isBegun(tenantId: string): Promise<boolean> {
    return (await this.parts.list.of(tenantId)) !== undefined;
  }

  /**
   * Does what the list says and the database does not, as after a crash or a restoration; to be
   * done before anything is served. `unbuilt` where there are no read models yet to wait for.
   * Answers how many workspaces that were.
   */
  async settle(unbuilt = false): Promise<number> {
    let count = 0;
    for (const deletion of await this.parts.list.all()) {
      if (!(await this.isPending(deletion))) continue;
      await this.carryOut(deletion, !unbuilt);
      count += 1;
    }
    return count;
  }

  /** A workspace without any key came after the backup: there is nothing of it to destroy. */
  private async isPending(deletion: ListedDeletion): Promise<boolean> {
    const { platform } = this.parts;
    const keys = await keysOf(platform, deletion.tenantId);
    if (keys.length === 0) return false;
    return keys.some(({ gone }) => !gone) || !(await isRecorded(platform, deletion));
  }

  private async carryOut(deletion: ListedDeletion, isBuilt: boolean): Promise<DeletionReport> {
    const { platform, filesDir } = this.parts;
    const { tenantId } = deletion;
    await this.sayFarewell(deletion);
    await destroyKeys(platform, tenantId);
    failpoint('deletion_after_keys');
    // Nothing of it is written any more once every read model is past what it had read before.
    if (isBuilt) await allApplied(platform, await platform.store.settled());
    const rows = await this.empty(tenantId);
    const folders = await forgetFiles(filesDir, tenantId);
    // A process that had not heard of it may have sealed or stored something since.
    await destroyKeys(platform, tenantId);
    await emptyTables(platform.database, tenantId);
    failpoint('deletion_before_record');
    await recordDeletion(platform, deletion);
    const reached = [...rows, { place: 'folders of files', count: folders }];
    return { ...deletion, reached: reached.filter(({ count }) => count > 0) };
  }

  /** Ends the workspace in its own log, while there is a key to do that with. */
  private async sayFarewell({ id, tenantId, by }: ListedDeletion): Promise<void> {
    const { platform, farewell } = this.parts;
    const keys = await keysOf(platform, tenantId);
    if (keys.length === 0 || keys.some(({ gone }) => gone)) return;
    const ctx = { ...systemContext(tenantId, 'deletion'), actor: by };
    const answer = await platform.dispatch(farewell, {}, ctx, { id: tenantId, commandId: id });
    if (isRefusal(answer) && !['NOT_FOUND', 'STREAM_CLOSED'].includes(answer.code)) {
      throw new Error(`the workspace could not be ended: ${answer.message}`);
    }
    await platform.store.closeStream(tenantId, `tenant-${tenantId}`, 'tombstoned');
  }

  /** Empties all tables; a rebuild that is under way is waited for, as it may hold rows of it. */
  private async empty(tenantId: string): Promise<readonly Reached[]> {
    const { database, options, registry } = this.parts.platform;
    const owner = new pg.Client({
      connectionString: options.url,
      application_name: 'clientforge-deletion',
    });
    await owner.connect();
    try {
      for (const name of registry.readModels.keys()) {
        await owner.query('SELECT pg_advisory_lock($1, hashtext($2))', [REBUILD_LOCK, name]);
      }
      const emptied = await emptyTables(database, tenantId);
      await renewStatistics(owner);
      return emptied;
    } finally {
      await owner.end();
    }
  }
}

/** Deletes the workspace's folders of all kinds, as they are found; answers how many there were. */
async function forgetFiles(filesDir: string, tenantId: string): Promise<number> {
  const kinds = await readdir(filesDir).catch(() => [] as string[]);
  const folders = kinds.map((kind) => join(filesDir, kind, tenantId)).filter(existsSync);
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  return folders.length;
}

async function keysOf({ database }: Platform, tenantId: string) {
  const { rows } = await database
    .pool('feed')
    .query<{ gone: boolean }>(
      'SELECT destroyed_at IS NOT NULL AS gone FROM es_tenant_key WHERE tenant_id = $1',
      [tenantId],
    );
  return rows;
}

/** Destroys every key of a tenant and of its data subjects, and has all processes forget them. */
async function destroyKeys({ database, keys, wakeUp }: Platform, tenantId: string): Promise<void> {
  for (const table of ['es_tenant_key', 'es_subject_key']) {
    await database.pool('projector').query(
      `UPDATE ${table} SET wrapped = NULL, destroyed_at = clock_timestamp()
        WHERE tenant_id = $1 AND wrapped IS NOT NULL`,
      [tenantId],
    );
  }
  keys.forgetAll();
  wakeUp.signal('keys');
}

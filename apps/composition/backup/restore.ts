import { createReadStream } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackupCancelled, BackupError, type Manifest } from '#platform/backup/manifest';
import { checkBackup, loadBackup } from '#platform/backup/restore';
import { DELETIONS_FILE, DeletionList, type ListedDeletion } from '#platform/erasure/deletion-list';
import { ErasureList, type ListedErasure } from '#platform/erasure/erasure-list';
import { tenantKeyAad } from '#platform/event-store/key-ring';
import type { MasterKeys } from '#platform/event-store/key-ring-box';
import { verifyTenant } from '#platform/operations/audit';
import { projectionStatus } from '#platform/operations/projection-status';
import { isServed } from '#platform/operations/serving';
import { destroyedTenants, tenantIds } from '#platform/operations/tenants';
import type { Platform } from '#platform/platform';
import { migrate } from '#platform/postgres/migrate';
import { declareReadModels } from '#platform/projections/declare';
import {
  openPlatform,
  reachDatabase,
  type PlatformConfig,
  type Settled,
} from '../open-platform.js';
import { product } from '../product.js';
import { foldersOf } from './places.js';

export interface RestoreOptions {
  readonly signal: AbortSignal;
  readonly say?: (line: string) => void;
  /** Begins a part of the work. */
  readonly begin?: (title: string, unit: string) => void;
  readonly update?: (done: number, share?: number) => void;
  readonly end?: () => void;
}

export interface RestoreReport {
  readonly backup: string;
  readonly epoch: number;
  readonly events: number;
  /** Erasures decided after the backup, applied before anything was built. */
  readonly erasures: number;
  /** Workspaces that were deleted after the backup. */
  readonly deletions: number;
  readonly tenants: number;
  /** Streams whose chain does not verify. */
  readonly violations: number;
}

/**
 * Restores a backup into an empty database: loads it, opens a new epoch, applies the list of
 * erasures, builds the read models and verifies every hash chain.
 * @throws BackupError where it cannot be done, and nothing was changed then.
 */
export async function restoreBackup(
  config: PlatformConfig,
  folder: string,
  options: RestoreOptions,
): Promise<RestoreReport> {
  const { signal, say, begin, update, end } = options;
  begin?.('Checking', 'bytes');
  const manifest = await checkBackup(folder, { signal, ...(update ? { progress: update } : {}) });
  end?.();
  const { url, masterKey, masters, release } = await reachDatabase(config, say);
  let epoch: number;
  try {
    if (await isServed(url)) {
      throw new BackupError('A server is running on this database. Stop it first.');
    }
    await mustOpen(folder, manifest, masters);
    await migrate(url, masterKey, (client) =>
      declareReadModels(client, product.readModels, product.events),
    );
    begin?.('Loading', 'bytes');
    const load = { url, signal, ...(update ? { progress: update } : {}) };
    ({ epoch } = await loadBackup(folder, manifest, load));
    end?.();
    await restoreFiles(folder, manifest, config);
  } finally {
    await release();
  }
  let settled: Settled = { erasures: 0, deletions: 0 };
  const opened = await openPlatform(config, {
    unbuilt: true,
    ...(say ? { say } : {}),
    settled: (what) => (settled = what),
  });
  try {
    await build(opened.platform, options);
    const checked = await verify(opened.platform, options);
    return { backup: manifest.createdAt, epoch, ...settled, ...checked };
  } finally {
    await opened.close();
  }
}

/** The keys of a backup open with the master key it was made under, and no other. */
async function mustOpen(folder: string, { tables }: Manifest, masters: MasterKeys): Promise<void> {
  const table = tables.find(({ name }) => name === 'es_tenant_key');
  if (!table || table.rows === 0) return;
  const lines = createInterface({ input: createReadStream(join(folder, table.file)) });
  for await (const line of lines) {
    const cells = line.split('\t');
    const cell = (name: string) => cells[table.columns.indexOf(name)]!;
    const aad = tenantKeyAad(cell('tenant_id'), Number(cell('version')));
    // Of a workspace that was deleted there is no key to try.
    if (cell('wrapped') === '\\N') continue;
    await masters.unwrap(cell('wrapped'), aad).catch(() => {
      throw new BackupError(
        'MASTER_KEY is not the one the backup was made under. ' +
          'Set it, or put the key file into DATA_DIR/keys/master.key, and restore again.',
      );
    });
    break;
  }
  lines.close();
}

/** Files that are there stay: the list of erasures and the seals only ever grow. */
async function restoreFiles(
  folder: string,
  { files }: Manifest,
  config: PlatformConfig,
): Promise<void> {
  const folders: Readonly<Record<string, string>> = foldersOf(config);
  for (const { file } of files) {
    const [, name, ...path] = file.split('/') as [string, string, ...string[]];
    const target = folders[name];
    if (target === undefined) continue;
    if (name === 'erasures') await mergeLists(join(folder, file), config.erasuresDir);
    else {
      const to = join(target, ...path);
      await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      await cp(join(folder, file), to, { force: false, errorOnExist: false });
    }
  }
}

/** Adds what a backup's list of erased people, or of deleted workspaces, has beyond the one here. */
async function mergeLists(file: string, target: string): Promise<void> {
  const isErasures = basename(file) !== DELETIONS_FILE;
  const [erasures, deletions] = [new ErasureList(target), new DeletionList(target)];
  for (const line of (await readFile(file, 'utf8')).split('\n').filter(Boolean)) {
    if (isErasures) {
      const erasure = JSON.parse(line) as ListedErasure;
      const known = await erasures.of(erasure.tenantId);
      if (!known.some(({ id }) => id === erasure.id)) await erasures.add(erasure);
    } else {
      const deletion = JSON.parse(line) as ListedDeletion;
      if (!(await deletions.of(deletion.tenantId))) await deletions.add(deletion);
    }
  }
}

/** Builds the read models from the beginning of the log. */
async function build(platform: Platform, { signal, begin, update, end }: RestoreOptions) {
  begin?.('Building read models', 'events');
  platform.projections.start();
  for (let first: number | undefined; ; await sleep(50)) {
    if (signal.aborted) {
      throw new BackupCancelled('cancelled: the log is restored, the next start goes on with rows');
    }
    const status = await projectionStatus(platform.database);
    const lag = Math.max(0, ...status.map(({ lagEvents }) => lagEvents));
    first ??= Math.max(1, lag);
    update?.(Math.max(0, first - lag), Math.max(0, 1 - lag / first));
    if (lag === 0) return end?.();
  }
}

async function verify(platform: Platform, { signal, begin, update, end }: RestoreOptions) {
  begin?.('Verifying', 'events');
  const tenants = await tenantIds(platform.database);
  let [events, violations] = [0, 0];
  for (const tenantId of [...tenants, ...(await destroyedTenants(platform.database))]) {
    if (signal.aborted) throw new BackupCancelled('cancelled: nothing can be said of the chains');
    const before = events;
    const seen = (n: number) => update?.(before + n);
    const report = await verifyTenant(platform.database, tenantId, seen);
    events += report.events;
    violations += report.violations.length + report.untold;
  }
  end?.();
  return { tenants: tenants.length, events, violations };
}

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { createBackup } from '#platform/backup/create';
import { BackupError, type Manifest } from '#platform/backup/manifest';
import { checks, diagnose, type Diagnosis } from '#platform/operations/doctor/doctor';
import { databaseName, roleName, ROLES } from '#platform/postgres/database';
import { productEffects } from '../jobs.js';
import { openPlatform, reachDatabase, type PlatformConfig } from '../open-platform.js';
import { product } from '../product.js';
import { foldersOf } from './places.js';
import { restoreBackup, type RestoreOptions, type RestoreReport } from './restore.js';

export interface DrillReport {
  readonly restored: RestoreReport;
  readonly bytes: number;
  /** Tables whose rows are not those of the backup. */
  readonly different: readonly string[];
  readonly compared: number;
  readonly checks: readonly Diagnosis[];
  readonly holds: boolean;
}

/** Restoring opens an epoch, and sagas may declare where they begin. */
const OWN = ['es_epoch', 'es_checkpoint'];

/** Backs up, restores beside, examines and compares the copy, and removes every trace of it. */
export async function drillBackup(
  config: PlatformConfig,
  release: string,
  options: RestoreOptions,
): Promise<DrillReport> {
  const mark = randomBytes(4).toString('hex');
  const folder = join(config.dataDir, `drill-${mark}`);
  const { url, release: letGo } = await reachDatabase(config, options.say);
  const name = `${databaseName(url).slice(0, 36)}_drill_${mark}`;
  const copy = new URL(url);
  copy.pathname = `/${name}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const backup = await backUp(join(folder, 'backup'), config, url, release, options);
    await asOwner(url, async (owner) => {
      await owner.query(`CREATE DATABASE "${name}"`).catch((error: { code?: string }) => {
        if (error.code !== '42501') throw error;
        throw new BackupError(
          'The drill restores into a database of its own, and the role of DATABASE_URL may not ' +
            'create one. Grant it CREATEDB, or restore by hand into an empty database.',
        );
      });
    });
    const dataDir = join(folder, 'data');
    const keys = join(config.dataDir, 'keys');
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (existsSync(keys)) await cp(keys, join(dataDir, 'keys'), { recursive: true });
    const there: PlatformConfig = {
      ...config,
      dataDir,
      databaseUrl: copy.toString(),
      databaseDirectUrl: copy.toString(),
      sealsDir: join(dataDir, 'seals'),
      erasuresDir: join(dataDir, 'erasures'),
      failpoint: undefined,
    };
    const restored = await restoreBackup(there, join(folder, 'backup'), options);
    const found = await examine(there, options);
    const again = await backUp(join(folder, 'again'), there, there.databaseUrl!, release, options);
    const different = differences(backup, again);
    const broken = found.some(({ status }) => status === 'violated' || status === 'could not run');
    return {
      restored,
      bytes: backup.tables.reduce((sum, { bytes }) => sum + bytes, 0),
      different,
      compared: backup.tables.length - OWN.length,
      checks: found,
      holds: !broken && different.length === 0 && restored.violations === 0,
    };
  } finally {
    await asOwner(url, async (owner) => {
      await owner.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      for (const role of ROLES) await owner.query(`DROP ROLE IF EXISTS "${roleName(name, role)}"`);
    });
    await rm(folder, { recursive: true, force: true });
    await letGo();
  }
}

async function backUp(
  folder: string,
  config: PlatformConfig,
  url: string,
  release: string,
  { signal, begin, update, end }: RestoreOptions,
): Promise<Manifest> {
  begin?.('Backing up', 'rows');
  const manifest = await createBackup(folder, {
    url,
    release,
    signal,
    models: product.readModels.map((model) => model.name),
    folders: foldersOf(config),
    ...(update ? { progress: update } : {}),
  });
  end?.();
  return manifest;
}

async function asOwner(url: string, work: (owner: pg.Client) => Promise<void>): Promise<void> {
  const owner = new pg.Client({ connectionString: url, application_name: 'clientforge-drill' });
  await owner.connect();
  await work(owner).finally(() => owner.end());
}

/** Everything the doctor looks at, on the restored database. */
async function examine(
  config: PlatformConfig,
  { signal, begin, update, end }: RestoreOptions,
): Promise<readonly Diagnosis[]> {
  const { platform, close } = await openPlatform(config);
  const { database, keys, codec, store, options } = platform;
  const found: Diagnosis[] = [];
  begin?.('Examining', 'checks');
  try {
    await asOwner(options.url, async (owner) => {
      for (const check of checks) {
        update?.(found.length, found.length / checks.length);
        found.push(
          await diagnose(check, {
            ...{ url: options.url, owner, database, keys, codec, store, signal, deep: true },
            definition: (type) => codec.definition(type),
            models: product.readModels,
            processes: product.processes ?? [],
            effects: productEffects,
            jobKeepDays: config.jobKeepDays,
            seals: await platform.seals(),
            poolSize: options.poolSize,
            allowUnsafeDurability: options.allowUnsafeDurability,
          }),
        );
      }
    });
  } finally {
    await close();
  }
  end?.();
  return found;
}

function differences(backup: Manifest, again: Manifest): string[] {
  const digests = new Map(again.tables.map(({ name, sha256 }) => [name, sha256]));
  return backup.tables
    .filter(({ name, sha256 }) => !OWN.includes(name) && digests.get(name) !== sha256)
    .map(({ name }) => name);
}

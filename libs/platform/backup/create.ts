import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { databaseName, roleName } from '../postgres/database.js';
import { writeFileOf } from './copy-file.js';
import {
  BACKUP_FORMAT,
  BackupCancelled,
  BackupError,
  writeManifest,
  type BackedUpTable,
  type Manifest,
} from './manifest.js';
import { backupTables, type BackupTable } from './tables.js';

export interface BackupOptions {
  /** The migrator's URL. */
  readonly url: string;
  /** Read models, whose checkpoints are left out. */
  readonly models: readonly string[];
  readonly release: string;
  /** Name in the backup → folder of files beside the database. */
  readonly folders: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly progress?: (rows: number, share?: number) => void;
}

/** Every file below a folder; none where there is no folder. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/**
 * Writes everything that cannot be derived into an empty folder: files first, then the tables as of
 * one moment, in a transaction that takes no transaction id and so holds nobody back.
 * @throws BackupError when the folder is not empty.
 */
export async function createBackup(folder: string, options: BackupOptions): Promise<Manifest> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) {
    throw new BackupError(`${folder} is not empty. Give a folder that does not exist yet.`);
  }
  try {
    const files = await copyFiles(folder, options);
    const { tables, migrations } = await copyTables(folder, options);
    const { release } = options;
    const createdAt = new Date().toISOString();
    const manifest = { format: BACKUP_FORMAT, createdAt, release, migrations, tables, files };
    await writeManifest(folder, manifest);
    return manifest;
  } catch (error) {
    if (options.signal.aborted) throw new BackupCancelled('the backup was cancelled');
    throw error;
  }
}

async function copyFiles(folder: string, { folders, signal }: BackupOptions) {
  const files: { file: string; bytes: number; sha256: string }[] = [];
  for (const [name, source] of Object.entries(folders)) {
    for (const path of await filesBelow(source)) {
      const file = join('files', name, path);
      const one = async function* () {
        yield createReadStream(join(source, path)) as Readable;
      };
      const { bytes, sha256 } = await writeFileOf(join(folder, file), one(), signal);
      files.push({ file, bytes, sha256 });
    }
  }
  return files;
}

async function copyTables(folder: string, options: BackupOptions) {
  const owner = new pg.Client({
    connectionString: options.url,
    application_name: 'clientforge-backup',
  });
  await owner.connect();
  try {
    await owner.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows } = await owner.query<{ name: string }>(
      'SELECT name FROM schema_migration ORDER BY 1',
    );
    const migrations = rows.map(({ name }) => name);
    await becomes(owner, options.url, 'feed');
    const counted = await owner.query<{ n: string }>('SELECT count(*) AS n FROM es_event');
    const events = Number(counted.rows[0]!.n);
    const tenants = await owner.query<{ id: string }>(
      'SELECT DISTINCT tenant_id AS id FROM es_tenant_key ORDER BY 1',
    );
    const tables: BackedUpTable[] = [];
    for (const table of backupTables(options.models)) {
      const columns = await columnsOf(owner, table.name);
      const file = join(table.part, `${table.name}.copy`);
      const ids = table.byTenant ? tenants.rows.map(({ id }) => id) : [undefined];
      const sources = copies(owner, options.url, table, columns, ids);
      const share = (n: number) =>
        table.name === 'es_event' ? n / Math.max(1, events) : undefined;
      const written = await writeFileOf(join(folder, file), sources, options.signal, (n) =>
        options.progress?.(n, share(n)),
      );
      tables.push({ name: table.name, file, columns, ...written });
    }
    await owner.query('COMMIT');
    return { tables, migrations };
  } finally {
    await owner.end();
  }
}

/** Policies let the feed's reader see the log of every tenant, and the api one tenant at a time. */
async function becomes(owner: pg.Client, url: string, role: 'feed' | 'api'): Promise<void> {
  await owner.query(`SET LOCAL ROLE "${roleName(databaseName(url), role)}"`);
}

async function* copies(
  owner: pg.Client,
  url: string,
  { name, order, where, instead = {}, byTenant }: BackupTable,
  columns: readonly string[],
  tenants: readonly (string | undefined)[],
): AsyncGenerator<Readable> {
  await becomes(owner, url, byTenant ? 'api' : 'feed');
  const selected = columns.map((column) =>
    instead[column] === undefined ? column : `${instead[column]} AS ${column}`,
  );
  for (const tenant of tenants) {
    if (tenant) await owner.query(`SELECT set_config('app.tenant', $1, true)`, [tenant]);
    const conditions = [where, tenant && `tenant_id = '${tenant}'`].filter(Boolean);
    const filter = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    const query = `SELECT ${selected.join(', ')} FROM ${name} ${filter} ORDER BY ${order}`;
    yield owner.query(copyTo(`COPY (${query}) TO STDOUT`));
  }
}

export async function columnsOf(owner: pg.Client, table: string): Promise<readonly string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [`public.${table}`],
  );
  return rows.map(({ name }) => name);
}

import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { openNextEpoch } from '../operations/epoch.js';
import { digestOf, reading } from './copy-file.js';
import { BackupCancelled, BackupError, readManifest, type Manifest } from './manifest.js';

export interface LoadOptions {
  /** The migrator's URL of a database whose tables are made and empty. */
  readonly url: string;
  readonly signal: AbortSignal;
  readonly progress?: (bytes: number, share: number) => void;
}

/** Reads a backup through. @throws BackupError naming the first file that is not what it was. */
export async function checkBackup(
  folder: string,
  { signal, progress }: Pick<LoadOptions, 'signal' | 'progress'>,
): Promise<Manifest> {
  const manifest = await readManifest(folder);
  const all = [...manifest.tables, ...manifest.files];
  const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const { file, sha256, bytes } of all) {
    const found = await digestOf(join(folder, file), signal, (n) =>
      progress?.(before + n, (before + n) / Math.max(1, total)),
    ).catch((error: NodeJS.ErrnoException) => {
      if (signal.aborted) throw new BackupCancelled('cancelled');
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found?.sha256 !== sha256) throw altered(file);
    before += bytes;
  }
  return manifest;
}

const altered = (file: string) =>
  new BackupError(`${file} is not what was backed up. Restore another backup.`);

/** @throws BackupError where the database has a log already, naming the remedy. */
async function mustBeEmpty(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query<{ used: boolean }>(
    'SELECT EXISTS (SELECT FROM es_event) AS used',
  );
  if (!rows[0]?.used) return;
  throw new BackupError(
    'The database has a log already, and a restored log never joins another. ' +
      'Restore into an empty database: name a new one in DATABASE_URL, or move DATA_DIR away.',
  );
}

async function mustBeKnown(owner: pg.Client, { migrations, release }: Manifest): Promise<void> {
  const { rows } = await owner.query<{ name: string }>('SELECT name FROM schema_migration');
  const known = new Set(rows.map(({ name }) => name));
  const unknown = migrations.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new BackupError(
    `The backup was made by release ${release}, which knows ${unknown}; this one does not. ` +
      'Restore it with that release or a later one.',
  );
}

/**
 * Loads a checked backup in one transaction and opens a new epoch, so that whatever is appended
 * comes after all of it. Nothing is left of a load that fails.
 */
export async function loadBackup(
  folder: string,
  manifest: Manifest,
  { url, signal, progress }: LoadOptions,
): Promise<{ readonly epoch: number }> {
  const owner = new pg.Client({ connectionString: url, application_name: 'clientforge-restore' });
  await owner.connect();
  try {
    await owner.query('BEGIN');
    // As superuser or owner: policies hold for the owner as well unless told otherwise.
    const { rows } = await owner.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
          AND relforcerowsecurity AND relname = ANY ($1)`,
      [manifest.tables.map(({ name }) => name)],
    );
    const forced = rows.map(({ name }) => name);
    for (const name of forced) await owner.query(`ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY`);
    await mustBeEmpty(owner);
    await mustBeKnown(owner, manifest);
    // A backup of an older release does not say where the log is: in PostgreSQL.
    const place = manifest.tables.some(({ name }) => name === 'es_log') ? ', es_log' : '';
    await owner.query(`TRUNCATE es_epoch, es_seal_place${place}`);
    const total = manifest.tables.reduce((sum, { bytes }) => sum + bytes, 0);
    let before = 0;
    for (const { name, file, columns, sha256, bytes } of manifest.tables) {
      const { parts, result } = reading(join(folder, file), (n) =>
        progress?.(before + n, (before + n) / Math.max(1, total)),
      );
      const into = owner.query(copyFrom(`COPY ${name} (${columns.join(', ')}) FROM STDIN`));
      await pipeline(...parts, into, { signal });
      if (result().sha256 !== sha256) throw altered(file);
      before += bytes;
    }
    await owner.query(
      `SELECT setval('es_pos', greatest((SELECT coalesce(max(pos), 1) FROM es_event), 1))`,
    );
    const epoch = await openNextEpoch(owner, `restored the backup of ${manifest.createdAt}`);
    for (const name of forced) await owner.query(`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`);
    await owner.query('COMMIT');
    await owner.query('ANALYZE es_event, es_stream, es_command, es_subject_key');
    return { epoch };
  } catch (error) {
    await owner.query('ROLLBACK').catch(() => undefined);
    if (signal.aborted) throw new BackupCancelled('cancelled: the database is as it was');
    throw error;
  } finally {
    await owner.end();
  }
}

import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Raised when a backup changes its shape. */
export const BACKUP_FORMAT = 1;

export interface BackedUpTable {
  readonly name: string;
  /** Below the backup's folder. */
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
}

/** What a backup holds; written last, so that one without it is not whole. */
export interface Manifest {
  readonly format: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Version of the product that made it. */
  readonly release: string;
  /** Steps the database had taken. */
  readonly migrations: readonly string[];
  readonly tables: readonly BackedUpTable[];
  /** Files beside the database, with their digests. */
  readonly files: readonly {
    readonly file: string;
    readonly bytes: number;
    readonly sha256: string;
  }[];
}

/** A backup cannot be made or restored as asked; the message says why and what to do. */
export class BackupError extends Error {}
/** Ended by the operator. */
export class BackupCancelled extends Error {}

const nameOf = (folder: string) => join(folder, 'manifest.json');

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const part = `${nameOf(folder)}.part`;
  await writeFile(part, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(part, nameOf(folder));
}

/** @throws BackupError where the folder holds no whole backup of this format. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(nameOf(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new BackupError(
      `${folder} holds no manifest.json, so it is no backup, or one that was cut short. ` +
        'Give the folder of a backup that ended well.',
    );
  });
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.format === BACKUP_FORMAT) return manifest;
  throw new BackupError(
    `The backup has format ${manifest.format}; this release reads ${BACKUP_FORMAT}. ` +
      `Restore it with release ${manifest.release}.`,
  );
}

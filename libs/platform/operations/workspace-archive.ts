import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { PLATFORM_TENANT } from '#kernel/ids';
import type { ReadModel, Row } from '#kernel/read-model';
import type { Platform } from '../platform.js';
import { fromRecord, physicalColumns, tableOf } from '../projections/physical.js';
import { exportTenant, type ExportReport } from './export.js';
import { TAR_END, tarHeader, tarPadding } from './tar.js';
import { writeWhole } from './whole-file.js';

/** Raised when a reader of archives would have to be told. */
const ARCHIVE_FORMAT = 1;
const EVENTS = 'events.ndjson';
const PAGE = 500;

/** A file of the archive, as its manifest names it. */
export interface ArchiveFile {
  readonly name: string;
  readonly lines: number;
  readonly bytes: number;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
}

/** Files that are whole, and what the log's file says of itself; where an export goes on. */
export interface ArchiveState {
  readonly files: readonly ArchiveFile[];
  readonly log?: ExportReport;
}

/** What an archive holds. */
export interface ArchiveReport {
  readonly events: number;
  readonly records: number;
  readonly files: number;
  /** Bytes of the archive. */
  readonly bytes: number;
  /** SHA-256 of the archive, hex. */
  readonly sha256: string;
}

export interface ArchiveOptions {
  readonly workspace: { readonly id: string; readonly slug: string; readonly name: string };
  /** The archive: a `.tar.gz`, there only once it is whole. */
  readonly path: string;
  readonly at: Date;
  /** Where an earlier try ended. */
  readonly before?: ArchiveState | undefined;
  readonly signal?: AbortSignal;
  progress?(lines: number, total: number): void;
  /** Called whenever another file is whole. */
  saved?(state: ArchiveState): Promise<void>;
}

/** Where the files lie until they are put together. */
export const archiveParts = (path: string): string => `${path}.parts`;

/**
 * Writes everything of a workspace into one archive: its log as `events export` writes it, every
 * record of every list as a line of JSON, and a manifest with counts and hashes. Goes on behind the
 * last file that is whole.
 */
export async function writeArchive(
  platform: Platform,
  options: ArchiveOptions,
): Promise<ArchiveReport> {
  const { workspace, path, signal } = options;
  const models = [...platform.registry.readModels.values()];
  const folder = archiveParts(path);
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const total = await linesOf(platform, workspace.id, models);
  let state = await stillThere(folder, options.before);
  const add = async (file: ArchiveFile, log = state.log) => {
    state = { files: [...state.files, file], ...(log ? { log } : {}) };
    await options.saved?.(state);
  };
  const counted = () => state.files.reduce((sum, { lines }) => sum + lines, 0);
  const has = (name: string) => state.files.some((file) => file.name === name);
  if (!has(EVENTS)) {
    const { keys } = await platform.seals();
    const { file, result } = await writeFile(folder, EVENTS, (write) =>
      exportTenant({ database: platform.database, keys }, workspace.id, (line) => write(line, 1), {
        ...(signal ? { signal } : {}),
        progress: (events) => options.progress?.(events, total),
      }),
    );
    await add(file, result);
  }
  for (const model of models) {
    const name = `records/${model.name}.jsonl`;
    if (has(name)) continue;
    const { file } = await writeFile(folder, name, async (write) => {
      let lines = counted();
      for await (const rows of pagesOf(platform, workspace.id, model)) {
        signal?.throwIfAborted();
        await write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''), rows.length);
        options.progress?.((lines += rows.length), Math.max(lines, total));
      }
    });
    await add(file);
  }
  const packed = await pack(options, folder, state);
  await rm(folder, { recursive: true, force: true });
  const records = state.files.filter(({ name }) => name !== EVENTS);
  return {
    events: state.log!.events,
    records: records.reduce((sum, { lines }) => sum + lines, 0),
    files: state.files.length,
    ...packed,
  };
}

const partOf = (folder: string, name: string) => join(folder, name.replaceAll('/', '-'));

/** The files an earlier try left whole. */
async function stillThere(
  folder: string,
  before: ArchiveState = { files: [] },
): Promise<ArchiveState> {
  for (const { name, bytes } of before.files) {
    const found = await stat(partOf(folder, name)).catch(() => undefined);
    // Another machine goes on, or somebody cleaned up: all of it is written anew.
    if (found?.size !== bytes) return { files: [] };
  }
  return before;
}

async function writeFile<Result>(
  folder: string,
  name: string,
  fill: (write: (text: string, lines: number) => Promise<void>) => Promise<Result>,
): Promise<{ readonly file: ArchiveFile; readonly result: Result }> {
  const hash = createHash('sha256');
  let [lines, bytes] = [0, 0];
  const result = await writeWhole(partOf(folder, name), (write) =>
    fill((text, count) => {
      hash.update(text);
      bytes += Buffer.byteLength(text);
      lines += count;
      return write(text);
    }),
  );
  return { file: { name, lines, bytes, sha256: hash.digest('hex') }, result };
}

/** All records of a list, archived and deleted ones too, as the list has them. */
async function* pagesOf(
  { database }: Platform,
  tenantId: string,
  model: ReadModel,
): AsyncGenerator<readonly Row[]> {
  const columns = physicalColumns(model);
  for (let after: unknown = PLATFORM_TENANT; ;) {
    const { rows } = await database.tenant(tenantId, (db) =>
      db.query(
        `SELECT r.* FROM ${tableOf(model)} r WHERE r.tenant_id = $1 AND r.id > $2
          ORDER BY r.id LIMIT ${PAGE}`,
        [tenantId, after],
      ),
    );
    if (rows.length > 0) yield (rows as Row[]).map((row) => fromRecord(columns, row));
    if (rows.length < PAGE) return;
    after = (rows.at(-1) as Row)['id'];
  }
}

async function linesOf(
  { database }: Platform,
  tenantId: string,
  models: readonly ReadModel[],
): Promise<number> {
  const tables = ['es_event', ...models.map(tableOf)];
  const counts = tables.map((table) => `(SELECT count(*) FROM ${table} WHERE tenant_id = $1)`);
  const { rows } = await database.tenant(tenantId, (db) =>
    db.query<{ lines: string }>(`SELECT ${counts.join(' + ')} AS lines`, [tenantId]),
  );
  return Number(rows[0]!.lines);
}

/** Puts the files into one, behind a manifest that says what they are. */
async function pack(
  { workspace, at, path, signal }: ArchiveOptions,
  folder: string,
  { files, log }: ArchiveState,
): Promise<Pick<ArchiveReport, 'bytes' | 'sha256'>> {
  const manifest = {
    format: ARCHIVE_FORMAT,
    workspace,
    exportedAt: at.toISOString(),
    about: {
      [EVENTS]:
        'Every event of the log with its seals; what is personal stays encrypted. ' +
        `Verify it with: node ops/audit/verify-export.mjs ${EVENTS} ${log!.digest}`,
      records: 'Each record as the lists show it, one JSON object a line.',
    },
    log,
    files,
  };
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  const root = `${workspace.slug}-export`;
  async function* entries() {
    yield tarHeader({ name: `${root}/manifest.json`, bytes: text.length, at });
    yield text;
    yield tarPadding(text.length);
    for (const { name, bytes } of files) {
      yield tarHeader({ name: `${root}/${name}`, bytes, at });
      yield* createReadStream(partOf(folder, name), { highWaterMark: 1 << 18 });
      yield tarPadding(bytes);
    }
    yield TAR_END;
  }
  const hash = createHash('sha256');
  let bytes = 0;
  const part = `${path}.part`;
  await pipeline(
    Readable.from(entries(), { objectMode: false }),
    createGzip(),
    async function* (packed: AsyncIterable<Buffer>) {
      for await (const chunk of packed) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(part, { mode: 0o600 }),
    { ...(signal ? { signal } : {}) },
  );
  await rename(part, path);
  return { bytes, sha256: hash.digest('hex') };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse/sync';
import pg from 'pg';
import { environment } from '#platform/config/environment';
import { startEmbeddedPostgres } from '#platform/postgres/embedded';
import { peopleRows } from '#test/support/people-rows';
import { removeSalesFiles, writeSalesFiles } from '#test/support/sales-files';
import type { Bench, Measured } from './bench.js';
import { watchMemory } from './processes.js';

const SHARED = resolve('..', 'shared', 'data', 'crm-sales-opportunities');
const MADE_UP_DEALS = 20_000;
const PEOPLE = 20_000;
/** Rows by which an import has everything at hand that has a size of its own. */
const SMALL = 50_000;
const CHUNK = 500;
const PASSWORD = 'paper boats on quiet water';

interface Told {
  /** Told the process id of the tool as soon as there is one. */
  readonly started?: (pid: number) => void;
  readonly input?: string;
}

/** Runs the operator's tool as its own process; answers what it said under `--json`. */
async function cli(dataDir: string, args: readonly string[], { input = '', started }: Told = {}) {
  const { DATABASE_URL: _url, ...rest } = environment;
  const entry = resolve('dist', 'apps', 'cli', 'main.js');
  const child = spawn(process.execPath, ['--enable-source-maps', entry, ...args, '--json'], {
    env: { ...rest, DATA_DIR: dataDir },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (child.pid !== undefined) started?.(child.pid);
  let out = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${args.slice(0, 2).join(' ')} ended with ${code}: ${out}`);
  return JSON.parse(out) as Record<string, unknown>;
}

type Table = readonly (readonly string[])[];

/** Rows of all tables of the folder; the file that explains the columns is none. */
function tables(folder: string): readonly Table[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.csv') && !file.includes('dictionary'))
    .map((file) => parse(readFileSync(join(folder, file)), { from_line: 2 }) as Table);
}

/** Rows per second from the same files into tables without keys, by the same driver. */
async function bareInserts(url: string, folder: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const start = performance.now();
    let rows = 0;
    for (const table of tables(folder)) {
      const width = table[0]!.length;
      const columns = Array.from({ length: width }, (_, n) => `c${n} text`);
      await client.query(`CREATE TABLE bare_import (${columns.join()})`);
      for (let from = 0; from < table.length; from += CHUNK) {
        const some = table.slice(from, from + CHUNK);
        const marks = some.map(
          (_, row) =>
            `(${columns.map((_column, column) => `$${row * width + column + 1}`).join()})`,
        );
        await client.query(`INSERT INTO bare_import VALUES ${marks.join()}`, some.flat());
      }
      rows += table.length;
      await client.query('DROP TABLE bare_import');
    }
    return (rows * 1000) / (performance.now() - start);
  } finally {
    await client.end();
  }
}

/** Deletes a data folder, and what PostgreSQL keeps elsewhere where it may not run in the folder. */
function removeData(dataDir: string): void {
  const pointer = join(dataDir, 'postgres.location');
  const outside = existsSync(pointer) ? [readFileSync(pointer, 'utf8').trim()] : [];
  for (const path of [...outside, dataDir]) rmSync(path, { recursive: true, force: true });
}

/** Runs `work` on an empty workspace in a data folder of its own; starting PostgreSQL comes before. */
async function onWorkspace<T>(
  folder: string,
  work: (tenantId: string, url: string, dataDir: string) => Promise<T>,
): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const dataDir = mkdtempSync(join(folder, 'import-'));
  const server = await startEmbeddedPostgres({ dataDir });
  try {
    const owner = ['--owner-email', 'owner@hooli.example', '--owner-password-stdin'];
    const create = ['tenants', 'create', '--name', 'Hooli', ...owner];
    const { id } = await cli(dataDir, create, { input: PASSWORD });
    return await work(String(id), server.url, dataDir);
  } finally {
    await server.stop();
    removeData(dataDir);
  }
}

function measure(folder: string, source: string): Promise<Measured> {
  return onWorkspace(folder, async (tenantId, url, dataDir) => {
    const started = performance.now();
    await cli(dataDir, ['tenants', 'list']);
    const idle = (performance.now() - started) / 1000;
    const start = performance.now();
    await cli(dataDir, ['import', 'crm-sales-opportunities', source, '--tenant', tenantId]);
    const seconds = (performance.now() - start) / 1000;
    const rows = tables(source).reduce((sum, table) => sum + table.length, 0);
    return {
      figure: rows / seconds,
      baseline: await bareInserts(url, source),
      baselineName: 'reading and bare multi-row INSERT',
      note:
        `${rows.toLocaleString('en-US')} rows in ${seconds.toFixed(1)} s, ` +
        `of which ${idle.toFixed(1)} s start the command`,
    };
  });
}

/** One record a row, recognised by its address: what most files of a customer look like. */
function contacts(folder: string): Promise<Measured> {
  return onWorkspace(folder, async (tenantId, url, dataDir) => {
    const source = join(dataDir, 'files');
    mkdirSync(source);
    const path = join(source, 'people.csv');
    await pipeline(Readable.from(peopleRows(PEOPLE)), createWriteStream(path));
    const start = performance.now();
    const line = ['import', 'contacts', path, '--tenant', tenantId, '--key', 'email', '--yes'];
    const { created } = await cli(dataDir, line);
    const seconds = (performance.now() - start) / 1000;
    if (created !== PEOPLE) throw new Error(`${String(created)} of ${PEOPLE} rows were taken`);
    return {
      figure: PEOPLE / seconds,
      baseline: await bareInserts(url, source),
      baselineName: 'reading and bare multi-row INSERT',
      note: `${PEOPLE.toLocaleString('en-US')} rows in ${seconds.toFixed(1)} s`,
    };
  });
}

/** The most memory the dry run of so many rows takes, in megabytes, and its seconds. */
async function dryRun(dataDir: string, tenantId: string, rows: number) {
  const path = join(dataDir, `people-${rows}.csv`);
  await pipeline(Readable.from(peopleRows(rows)), createWriteStream(path));
  let watch: ReturnType<typeof watchMemory> | undefined;
  const started = (pid: number) => {
    watch = watchMemory(pid);
  };
  try {
    const line = ['import', 'contacts', path, '--tenant', tenantId, '--key', 'email', '--dry-run'];
    const { created, seconds } = await cli(dataDir, line, { started });
    if (created !== rows) throw new Error(`${String(created)} of ${rows} rows were taken`);
    return { most: watch!.stop(), seconds: Number(seconds) };
  } finally {
    watch?.stop();
  }
}

function memory(folder: string, rows: number): Promise<Measured> {
  return onWorkspace(folder, async (tenantId, _url, dataDir) => {
    const small = await dryRun(dataDir, tenantId, SMALL);
    const large = await dryRun(dataDir, tenantId, rows);
    return {
      figure: large.most,
      baseline: small.most,
      baselineName: `${SMALL.toLocaleString('en-US')} rows`,
      note: `a dry run of ${rows.toLocaleString('en-US')} rows in ${large.seconds.toFixed(0)} s`,
    };
  });
}

/** From a file to visible rows, by the operator's command; memory by a dry run of so many rows. */
export function importBenches(folder: string, rows: number): readonly Bench[] {
  const bench = (name: string, run: () => Promise<Measured>): Bench => ({
    ...{ name, unit: 'rows/s', least: 1500, run },
  });
  return [
    ...(existsSync(SHARED)
      ? [bench('import of sales opportunities', () => measure(folder, SHARED))]
      : []),
    bench('import of contacts', () => contacts(folder)),
    bench('import of made-up sales opportunities', async () => {
      try {
        return await measure(folder, writeSalesFiles(MADE_UP_DEALS));
      } finally {
        removeSalesFiles();
      }
    }),
    {
      name: 'resident memory of an import',
      unit: 'MB',
      mostRatio: 1.5,
      run: () => memory(folder, rows),
    },
  ];
}

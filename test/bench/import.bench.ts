import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import pg from 'pg';
import { environment } from '#platform/config/environment';
import { startEmbeddedPostgres } from '#platform/postgres/embedded';
import { removeSalesFiles, writeSalesFiles } from '#test/support/sales-files';
import type { Bench, Measured } from './bench.js';

const SHARED = resolve('..', 'shared', 'data', 'crm-sales-opportunities');
const MADE_UP_DEALS = 20_000;
const CHUNK = 500;
const PASSWORD = 'paper boats on quiet water';

/** Runs the operator's tool as its own process; answers what it said under `--json`. */
async function cli(dataDir: string, args: readonly string[], input = '') {
  const { DATABASE_URL: _url, ...rest } = environment;
  const entry = resolve('dist', 'apps', 'cli', 'main.js');
  const child = spawn(process.execPath, ['--enable-source-maps', entry, ...args, '--json'], {
    env: { ...rest, DATA_DIR: dataDir },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
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

async function measure(dataDir: string, source: string): Promise<Measured> {
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  // Held open, so that starting PostgreSQL is not counted.
  const server = await startEmbeddedPostgres({ dataDir });
  try {
    const owner = ['--owner-email', 'owner@hooli.example', '--owner-password-stdin'];
    const create = ['tenants', 'create', '--name', 'Hooli', ...owner];
    const { id } = await cli(dataDir, create, PASSWORD);
    const started = performance.now();
    await cli(dataDir, ['tenants', 'list']);
    const idle = (performance.now() - started) / 1000;
    const start = performance.now();
    await cli(dataDir, ['import', 'crm-sales-opportunities', source, '--tenant', String(id)]);
    const seconds = (performance.now() - start) / 1000;
    const rows = tables(source).reduce((sum, table) => sum + table.length, 0);
    return {
      figure: rows / seconds,
      baseline: await bareInserts(server.url, source),
      baselineName: 'reading and bare multi-row INSERT',
      note:
        `${rows.toLocaleString('en-US')} rows in ${seconds.toFixed(1)} s, ` +
        `of which ${idle.toFixed(1)} s start the command`,
    };
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** From a file to visible rows, by the operator's command. */
export function importBenches(folder: string): readonly Bench[] {
  const dataDir = join(folder, 'import');
  const bench = (name: string, run: () => Promise<Measured>): Bench => ({
    ...{ name, unit: 'rows/s', least: 1500, run },
  });
  return [
    ...(existsSync(SHARED)
      ? [bench('import of sales opportunities', () => measure(dataDir, SHARED))]
      : []),
    bench('import of made-up sales opportunities', async () => {
      try {
        return await measure(dataDir, writeSalesFiles(MADE_UP_DEALS));
      } finally {
        removeSalesFiles();
      }
    }),
  ];
}

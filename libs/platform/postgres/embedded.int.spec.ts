import { transformFileSync } from '@swc/core';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { isAlive, runningPostmaster, until } from './embedded-cluster.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded.js';

const root = resolve(import.meta.dirname, '../../..');
const settings = { fsync: false, shared_buffers: '16MB' };

let dataDir: string;
let compiled: string;
const children: ChildProcess[] = [];
const servers: EmbeddedPostgres[] = [];

const home = (): string => join(dataDir, 'postgres');

beforeAll(() => {
  // Inside the repository, because the compiled copy resolves packages from where it lies.
  compiled = join(root, '.cache', `embedded-${process.pid}`);
  mkdirSync(compiled, { recursive: true });
  for (const file of readdirSync(import.meta.dirname)) {
    if (!/^embedded.*(?<!\.spec)\.ts$/.test(file)) continue;
    const { code } = transformFileSync(join(import.meta.dirname, file), { cwd: root });
    writeFileSync(join(compiled, file.replace(/ts$/, 'js')), code);
  }
});

afterAll(() => rmSync(compiled, { recursive: true, force: true }));

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'clientforge-embedded-'));
  // Open to the account that runs the server when we are root.
  chmodSync(dataDir, 0o755);
  // Tells the next run whose folder this is, should this one be killed.
  writeFileSync(join(dataDir, 'pid'), String(process.pid));
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await until(() => !runningPostmaster(home()), 15_000);
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(more?: Record<string, unknown>): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, settings, ...more });
  servers.push(server);
  return server;
}

/** A process of its own that starts the server, tells what it got and stays. */
async function startElsewhere(): Promise<{ child: ChildProcess; url: string; started: boolean }> {
  const module = JSON.stringify(join(compiled, 'embedded.js'));
  const options = JSON.stringify({ dataDir, settings });
  const script = `
    const { startEmbeddedPostgres } = await import(${module});
    const { url, started } = await startEmbeddedPostgres(${options});
    console.log(JSON.stringify({ url, started }));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, ...(JSON.parse(line.toString()) as { url: string; started: boolean }) };
}

async function query<Row>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

describe('startEmbeddedPostgres', () => {
  it('starts a server that keeps its data, its port and its password', async () => {
    const first = await start();
    expect(first.started).toBe(true);
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    await first.stop();
    expect(runningPostmaster(home())).toBeUndefined();

    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  });

  it('takes settings, and asks for the password over TCP on this machine only', async () => {
    const { url } = await start({ settings: { ...settings, work_mem: '3MB' } });
    const rows = await query<{ name: string; setting: string }>(
      url,
      `SELECT name, setting FROM pg_settings WHERE name IN ('work_mem', 'listen_addresses',
         'max_locks_per_transaction', 'idle_in_transaction_session_timeout', 'fsync',
         'unix_socket_directories') ORDER BY name`,
    );
    expect(rows.map(({ name, setting }) => `${name}=${setting}`)).toEqual([
      'fsync=off',
      'idle_in_transaction_session_timeout=60000',
      'listen_addresses=127.0.0.1',
      'max_locks_per_transaction=512',
      'unix_socket_directories=',
      'work_mem=3072',
    ]);
    const wrong = new URL(url);
    wrong.password = 'guess';
    await expect(query(wrong.toString(), 'SELECT 1')).rejects.toThrow('password');
  });

  it('has Unicode case rules, ICU collations and the extensions search needs', async () => {
    const { url } = await start();
    await query(url, 'CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent');
    const [row] = await query(
      url,
      `SELECT lower('ÉÄ') AS lower, unaccent('Éléphant') AS plain,
         similarity('Müller', 'müler') > 0.4 AS similar,
         (SELECT array_agg(x ORDER BY x COLLATE "und-x-icu")
            FROM unnest(ARRAY['b', 'ä', 'Z', 'a']) x) AS sorted`,
    );
    expect(row).toEqual({
      lower: 'éä',
      plain: 'Elephant',
      similar: true,
      sorted: ['a', 'ä', 'b', 'Z'],
    });
  });

  it('joins the server of another process, and takes over when that process ends', async () => {
    const other = await startElsewhere();
    expect(other.started).toBe(true);
    const joined = await start();
    expect(joined).toMatchObject({ url: other.url, started: false });

    other.child.kill('SIGKILL');
    await once(other.child, 'exit');
    await new Promise((done) => setTimeout(done, 1_500));
    expect(await query(joined.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await joined.stop();
    expect(await until(() => !runningPostmaster(home()), 10_000)).toBe(true);
  });

  it('starts one server for two processes that begin at the same moment', async () => {
    const both = await Promise.all([startElsewhere(), startElsewhere()]);
    expect(both.map(({ started }) => started).sort()).toEqual([false, true]);
    expect(both[0].url).toBe(both[1].url);
  });

  it('ends within seconds when the process that started it is killed', async () => {
    const { child } = await startElsewhere();
    const postmaster = runningPostmaster(home());
    expect(postmaster).toBeDefined();
    child.kill('SIGKILL');
    expect(await until(() => !isAlive(postmaster?.pid ?? 0), 10_000)).toBe(true);
  });

  it('recovers from a server that was killed, whose number another process has now', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    const postmaster = runningPostmaster(home());
    if (!postmaster) throw new Error('the server is not running');
    process.kill(postmaster.pid, 'SIGKILL');
    await until(() => !runningPostmaster(home()), 5_000);
    const pidFile = join(home(), 'cluster', 'postmaster.pid');
    const lines = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n') : [];
    if (process.platform === 'linux') {
      writeFileSync(pidFile, [String(process.pid), ...lines.slice(1)].join('\n'));
    }
    const second = await start();
    expect(second.started).toBe(true);
    expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  });

  const asRoot = process.getuid?.() === 0;
  const title = 'as root keeps the data where its account can reach it, and says so';
  (asRoot ? it : it.skip)(asRoot ? title : `${title} skipped: root`, async () => {
    chmodSync(dataDir, 0o700);
    const lines: string[] = [];
    const first = await start({ log: (line: string) => lines.push(line) });
    const pointer = `${home()}.location`;
    const elsewhere = readFileSync(pointer, 'utf8').trim();
    expect(lines).toEqual([expect.stringContaining(elsewhere)]);
    expect(runningPostmaster(elsewhere)).toBeDefined();
    await first.stop();
    expect((await start()).url).toBe(first.url);
    await servers.at(-1)?.stop();
    rmSync(elsewhere, { recursive: true, force: true });
  });

  it("fails with the server's own words", async () => {
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /did not start.*shared_buffers/,
    );
  });
});

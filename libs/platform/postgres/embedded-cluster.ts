import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Place } from './embedded-place.js';

/** What the postmaster writes about itself. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

export const clusterOf = (home: string): string => join(home, 'cluster');
export const logOf = (home: string): string => join(home, 'postgres.log');
const passwordOf = (home: string): string => join(home, 'password');

// Bytes order text, whatever the C library's version, so an upgraded system cannot corrupt an
// index; upper and lower case follow Unicode. The C type matters to pg_trgm alone, which under plain
// "C" drops every letter beyond ASCII; its name differs between systems.
const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
const letterTypes = ['C.UTF-8', 'C.utf8', 'en_US.UTF-8', 'C'];

/** Makes the cluster if there is none yet. A torn attempt leaves nothing that looks finished. */
export async function ensureCluster(place: Place): Promise<void> {
  const cluster = clusterOf(place.home);
  if (existsSync(cluster)) return;
  const password = passwordOf(place.home);
  writeFileSync(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (place.account) chownSync(password, place.account.uid, place.account.gid);
  const draft = `${cluster}.new`;
  let output = '';
  for (const type of letterTypes) {
    rmSync(draft, { recursive: true, force: true });
    const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${password}`];
    const encoding = ['--encoding=UTF8', ...locale, `--lc-ctype=${type}`];
    const done = await runProgram(place, 'initdb', ['-D', draft, ...encoding, ...access]);
    if (done.code === 0) return renameSync(draft, cluster);
    output = done.output;
  }
  throw new Error(`PostgreSQL could not make its data folder: ${output.trim()}`);
}

function runProgram(
  place: Place,
  name: string,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(place.native, 'bin', name), args, {
      ...place.account,
      cwd: place.home,
      env: programEnvironment(place.home),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** What PostgreSQL's programs see of the environment: nothing of the user's locale or libpq. */
export function programEnvironment(home: string): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, LANG: 'C' };
}

/** The postmaster of this cluster, if one is alive; a file left by a dead one is ignored. */
export function runningPostmaster(home: string): Postmaster | undefined {
  const cluster = clusterOf(home);
  const lines = readLines(join(cluster, 'postmaster.pid'));
  const pid = Number(lines[0]);
  if (!(pid > 0) || !isAlive(pid) || !belongsTo(pid, cluster)) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/** Removes the pid file of a dead postmaster whose number another program has by now. */
export function removeStalePidFile(home: string): void {
  if (!runningPostmaster(home)) rmSync(join(clusterOf(home), 'postmaster.pid'), { force: true });
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Whether a process with this number runs; one that waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  // To the system, 0 would mean all of our own group.
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

// A postmaster works in its data folder. Where that cannot be read, the pid file is believed.
function belongsTo(pid: number, cluster: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === cluster;
  } catch {
    return true;
  }
}

/** Superuser URL of a server on this port. */
export function urlOf(home: string, port: number): string {
  const password = readFileSync(passwordOf(home), 'utf8').trim();
  return `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

/** Whether the server answers a query with our password. */
export async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The port used last time if it is free, else any free one. Only 127.0.0.1 counts. */
export async function choosePort(home: string): Promise<number> {
  const file = join(home, 'port');
  const last = Number(readLines(file)[0]);
  const port = last > 0 && (await tryPort(last)) ? last : await tryPort(0);
  if (!port) throw new Error('No TCP port is free on 127.0.0.1.');
  writeFileSync(file, `${port}\n`);
  return port;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/** Waits until `test` holds; false when the time is over first. */
export async function until(test: () => boolean, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (!test()) {
    if (Date.now() > end) return false;
    await pause(20);
  }
  return true;
}

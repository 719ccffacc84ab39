import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from './embedded-cluster.js';

const beatMs = 2_000;
// Long enough for a machine that slept or swapped; a process number may have been given again.
const staleMs = 30_000;

/** Other processes that use a server they did not start, one file each, named by process number. */
export const usersOf = (home: string): string => join(home, 'users');

/** Exists while the server's guardian looks for users for the last time before it stops it. */
export const closingOf = (home: string): string => join(home, 'closing');

/** Notes that this process uses the server, or no longer does. */
export function enter(home: string): void {
  mkdirSync(usersOf(home), { recursive: true });
  writeFileSync(join(usersOf(home), String(process.pid)), '');
}

export function leave(home: string): void {
  rmSync(join(usersOf(home), String(process.pid)), { force: true });
}

/** Forgets everyone: a server that starts has no users yet. */
export function forgetUsers(home: string): void {
  rmSync(usersOf(home), { recursive: true, force: true });
  rmSync(closingOf(home), { force: true });
  mkdirSync(usersOf(home), { recursive: true });
}

/** Whether another living process uses the server. */
export function hasUsers(home: string): boolean {
  if (!existsSync(usersOf(home))) return false;
  return readdirSync(usersOf(home)).some((pid) => isAlive(Number(pid)));
}

/** Runs work while no other process starts a server in the same folder. */
export async function exclusively<T>(home: string, work: () => Promise<T>): Promise<T> {
  const file = join(home, 'start.lock');
  while (!take(file)) {
    if (isStale(file)) rmSync(file, { force: true });
    else await pause(50);
  }
  const beat = setInterval(() => utimesSync(file, new Date(), new Date()), beatMs);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isStale(file: string): boolean {
  try {
    const age = Date.now() - statSync(file).mtimeMs;
    const pid = Number(readFileSync(file, 'utf8'));
    // The file is written in two steps, so an empty one is a moment old.
    return age > staleMs || (pid > 0 && !isAlive(pid));
  } catch {
    return false;
  }
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environment } from '#platform/config/environment';
import { serve, type Served } from './served.js';
import type { World } from './world.js';

/** Settings under which a process of the product works on a world; its files lie in the folder. */
function settingsOf({ url, platform }: World, dataDir: string): Readonly<Record<string, string>> {
  return {
    DATA_DIR: dataDir,
    DATABASE_URL: url,
    MASTER_KEY: platform.options.masterKey.toString('base64'),
    ALLOW_UNSAFE_DURABILITY: 'true',
    LOG_LEVEL: 'error',
  };
}

/** How an operator's command ended. */
export interface Operated {
  readonly code: number;
  /** What it said under `--json`. */
  readonly answer: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  /** Most resident memory it had, MiB. */
  readonly memory: number;
}

/** Runs the operator's tool on a world, as a process of its own. */
export async function operate(
  world: World,
  dataDir: string,
  args: readonly string[],
): Promise<Operated> {
  const start = performance.now();
  const entry = resolve('dist', 'apps', 'cli', 'main.js');
  const child = spawn(process.execPath, ['--enable-source-maps', entry, ...args, '--json'], {
    env: { ...environment, ...settingsOf(world, dataDir) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const memory = watchMemory(child.pid!);
  let out = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  const [code] = (await once(child, 'close')) as [number];
  const seconds = (performance.now() - start) / 1000;
  const most = memory.stop();
  const answer = JSON.parse(out || '{}') as Operated['answer'];
  return { code, answer, seconds, memory: most };
}

/** A worker process on a world. */
export function startWorker(world: World, dataDir: string): Promise<Served> {
  const program = [join('dist', 'apps', 'worker', 'main.js')];
  return serve(program, 'is ready', settingsOf(world, dataDir));
}

/**
 * Resident memory of a process as the system tells, MiB; 0 once it has ended. Linux is asked by a
 * file: starting `ps` would hold up what this process measures, by some fifteen milliseconds.
 */
export function residentOf(pid: number): number {
  if (process.platform === 'linux') {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
    } catch {
      return 0;
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(stdout.trim()) / 1024;
}

const EVERY_MS = 500;

/** Looks at the memory of a process twice a second; `stop` tells the most it had, MiB. */
export function watchMemory(pid: number) {
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, residentOf(pid))), EVERY_MS);
  return {
    stop: (): number => {
      clearInterval(timer);
      return most;
    },
  };
}

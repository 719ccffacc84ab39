import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { environment } from '#platform/config/environment';
import type { Failpoint } from '#platform/failpoints';

/** Built with the product: what is to be killed has to be a process of its own. */
const files = {
  server: ['apps', 'server', 'main.js'],
  worker: ['apps', 'worker', 'main.js'],
  cli: ['apps', 'cli', 'main.js'],
  job: ['test', 'support', 'job-worker.js'],
} as const;
const above = join(import.meta.dirname, '..', '..');
const built = basename(above) === 'dist' ? above : join(above, 'dist');

/** Where a file of the product lies once it is built. */
export const builtFile = (...path: readonly string[]): string => join(built, ...path);

export type ProcessKind = keyof typeof files;

export interface ProcessOptions {
  readonly databaseUrl: string;
  readonly masterKey: Buffer;
  readonly dataDir: string;
  /** Where it is to end: `after_append_before_ack:3`, or at whichever of several comes first. */
  readonly failpoint?: Failpoint | `${Failpoint}:${number}` | readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** What it reads from standard input. */
  readonly input?: string;
}

/** A process of the product under test. */
export interface Started {
  readonly child: ChildProcess;
  /** Where it listens; a server only. */
  readonly url: string;
  /** Everything it printed, once it has ended. */
  readonly said: readonly string[];
  /** Where it ended, if at a failpoint. */
  reached(): Failpoint | undefined;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  isAlive(): boolean;
  kill(signal?: NodeJS.Signals): void;
  /** Asks it to end and waits; kills it where it does not. */
  stop(): Promise<number | null>;
}

export const LEASE_SECONDS = 2;

/** Starts a process and waits until it says that it is ready. */
export async function startProcess(kind: ProcessKind, options: ProcessOptions): Promise<Started> {
  const { databaseUrl, masterKey, dataDir, failpoint, args = [], input = '' } = options;
  const child = spawn(process.execPath, ['--no-warnings', builtFile(...files[kind]), ...args], {
    env: {
      PATH: environment['PATH'],
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PORT: '0',
      // The same however often it starts, so that whoever signed in stays so.
      PUBLIC_URL: 'http://localhost:3000',
      ACCESS_TOKEN_MINUTES: '240',
      DEMO: 'false',
      // The load is that of very many people, from one address.
      RATE_LIMITS: 'false',
      LOG_LEVEL: 'warn',
      DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl,
      MASTER_KEY: masterKey.toString('base64'),
      ALLOW_UNSAFE_DURABILITY: 'true',
      LEASE_SECONDS: String(LEASE_SECONDS),
      SEAL_EVERY_SECONDS: '1',
      ...(failpoint ? { FAILPOINT: String(failpoint) } : {}),
      ...options.environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined).end(input);
  const said: string[] = [];
  let [url, ready]: [string, () => void] = ['', () => undefined];
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      said.push(line);
      const at = /is ready(?: at (\S+))?|^ready$/.exec(line);
      if (!at) return;
      url = at[1] ?? '';
      ready();
    });
  }
  // Not before all it said has come.
  const exited = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const ended = await Promise.race([
    kind === 'cli' ? Promise.resolve(undefined) : isReady,
    exited.then((how) => how),
  ]);
  // One that reaches its failpoint while it starts has done what it was to do.
  if (ended && ended.signal !== 'SIGKILL') {
    throw new Error(`the ${kind} did not start: ${said.join(' | ')}`);
  }
  return {
    child,
    url,
    said,
    reached: () => /^failpoint (\w+)$/m.exec(said.join('\n'))?.[1] as Failpoint | undefined,
    exited,
    isAlive,
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    stop: async () => {
      if (isAlive()) child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 25_000);
      const { code } = await exited;
      clearTimeout(late);
      return code;
    },
  };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { environment } from '#platform/config/environment';

/** A server process of the bench's own. */
export interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  /** From the start of the process until it said that it was ready. */
  readonly seconds: number;
  /** What it printed, the sign-in of the demo workspace among it. */
  readonly lines: string;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

/** Starts a program of the built product and waits until it prints the words. */
export async function serve(
  program: readonly string[],
  words: string,
  settings: Readonly<Record<string, string>>,
): Promise<Served> {
  const port = await freePort();
  const { DATABASE_URL: _url, npm_lifecycle_event: _npm, ...rest } = environment;
  const start = performance.now();
  const [file, ...args] = program as [string, ...string[]];
  const child = spawn(process.execPath, [resolve(file), ...args], {
    env: { ...rest, ...settings, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let lines = '';
  await new Promise<void>((done, failed) => {
    child.stdout!.on('data', (part: Buffer) => {
      lines += part.toString();
      // What follows in the same breath is read as well.
      if (lines.includes(words)) setTimeout(done, 200);
    });
    child.once('exit', (code) => failed(new Error(`${file} ended with ${code}`)));
  });
  const seconds = (performance.now() - start) / 1000 - 0.2;
  return { child, url: `http://127.0.0.1:${port}`, seconds, lines };
}

/** Requests are counted as ever, and none is refused: one client stands for very many people. */
const UNREACHED = '100000000';
const limits = {
  RATE_LIMIT_ADDRESS: UNREACHED,
  RATE_LIMIT_USER: UNREACHED,
  RATE_LIMIT_PLANS: ['starter', 'professional', 'business', 'enterprise']
    .map((plan) => `${plan}=${UNREACHED}`)
    .join(','),
};

/** `npm start` on a data folder. */
export function startProduct(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const program = [join('ops', 'local', 'start.mjs')];
  const given = { DATA_DIR: dataDir, LOG_LEVEL: 'error', ...limits, ...settings };
  return serve(program, 'is ready at', given);
}

export async function stop({ child }: Served): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment } from '#platform/config/environment';
import { percentile, rate, sideBySide, times, type Bench, type Measured } from './bench.js';

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Served {
  readonly child: ChildProcess;
  readonly port: number;
  readonly seconds: number;
  /** Lines it printed, the sign-in among them. */
  readonly lines: string;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

/** Starts the built product on its own PostgreSQL and waits until it says that it is ready. */
async function serve(folder: string): Promise<Served> {
  const port = await freePort();
  const { DATABASE_URL: _url, ...rest } = environment;
  const start = performance.now();
  const child = spawn(process.execPath, [resolve('dist', 'apps', 'server', 'main.js')], {
    env: { ...rest, PORT: String(port), DATA_DIR: folder, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let lines = '';
  const ready = new Promise<void>((done, failed) => {
    child.stdout!.on('data', (part: Buffer) => {
      lines += part.toString();
      if (lines.includes('is ready at')) done();
    });
    child.once('exit', (code) => failed(new Error(`the server ended with ${code}`)));
  });
  await ready;
  const seconds = (performance.now() - start) / 1000;
  await sleep(200);
  return { child, port, seconds, lines };
}

async function stop({ child }: Served): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Command over HTTP and start-up, on a server process of its own. */
export class HttpBenches {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private folder = '';
  private served: Promise<Served> | undefined;
  private token = '';
  private created = 0;

  benches(): readonly Bench[] {
    return [
      {
        name: 'second start to ready',
        unit: 's',
        most: 8,
        run: async (): Promise<Measured> => {
          const { seconds } = await this.server();
          return { figure: seconds, baseline: await bareNode(), baselineName: 'node -e 0' };
        },
      },
      {
        name: 'idle resident memory',
        unit: 'MB',
        most: 350,
        run: async (): Promise<Measured> => {
          await this.server();
          await sleep(3000);
          const { body } = await this.ask('GET', '/health');
          const health = JSON.parse(body) as { system: { memory_rss_mb: number } };
          const own = process.memoryUsage().rss / 2 ** 20;
          return { figure: health.system.memory_rss_mb, baseline: own, baselineName: 'this bench' };
        },
      },
      ...[10, 50].map((connections): Bench => ({
        name: `command over HTTP, ${connections} connections`,
        unit: 'requests/s',
        leastRatio: 0.6,
        run: async (): Promise<Measured> => {
          await this.signIn();
          const measured = await sideBySide(
            'empty signed-in GraphQL request',
            () => rate(connections, 2000, () => this.empty()),
            () => rate(connections, 2000, () => this.create()),
            3,
          );
          const waits = await times(200, () => this.create());
          const note = `one at a time: p50 ${percentile(waits, 0.5).toFixed(1)} ms, p99 ${percentile(waits, 0.99).toFixed(1)} ms`;
          return { ...measured, note };
        },
      })),
    ];
  }

  async close(): Promise<void> {
    if (this.served) await stop(await this.served);
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
    this.agent.destroy();
  }

  /** The second start: the first one makes database and demo workspace. */
  private server(): Promise<Served> {
    return (this.served ??= (async () => {
      this.folder = mkdtempSync(join(tmpdir(), 'clientforge-bench-'));
      await stop(await serve(this.folder));
      return serve(this.folder);
    })());
  }

  private async signIn(): Promise<void> {
    if (this.token) return;
    const { lines } = await this.server();
    const [, workspace, email, password] =
      /workspace (\S+), e-mail (\S+), password “([^”]+)”/.exec(lines) ?? [];
    const { body } = await this.ask('POST', '/api/v1/auth/login', { workspace, email, password });
    this.token = (JSON.parse(body) as { data: { accessToken: string } }).data.accessToken;
  }

  private async empty(): Promise<void> {
    const { status } = await this.ask('POST', '/graphql', { query: '{ __typename }' });
    if (status !== 200) throw new Error(`the empty request was answered with ${status}`);
  }

  private async create(): Promise<void> {
    const body = { name: `Measured ${this.created++}`, industry: 'software', allowDuplicate: true };
    const { status } = await this.ask('POST', '/api/v1/companies', body);
    if (status !== 201) throw new Error(`the command was answered with ${status}`);
  }

  private async ask(method: string, path: string, body?: object): Promise<Answer> {
    const { port } = await this.server();
    const headers = {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
      prefer: 'respond-async',
    };
    return new Promise((done, failed) => {
      const sent = request(
        { host: '127.0.0.1', port, method, path, headers, agent: this.agent },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (part: string) => (text += part));
          answer.on('end', () => done({ status: answer.statusCode ?? 0, body: text }));
        },
      );
      sent.on('error', failed);
      sent.end(body ? JSON.stringify(body) : undefined);
    });
  }
}

/** Seconds Node itself takes to start and end. */
async function bareNode(): Promise<number> {
  const start = performance.now();
  await once(spawn(process.execPath, ['-e', '0']), 'exit');
  return (performance.now() - start) / 1000;
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from '#platform/config/environment';
import { createTestDatabase, type TestDatabase } from '#test/support/database';

const main = join(import.meta.dirname, '..', '..', 'dist', 'apps', 'server', 'main.js');

interface Started {
  readonly process: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** The address once it is ready. */
  readonly ready: Promise<string>;
  readonly exit: Promise<number | null>;
}

function start(settings: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: environment['PATH'],
      LOG_LEVEL: 'warn',
      ALLOW_UNSAFE_DURABILITY: 'true',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const read = new Promise<string>((resolve) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const address = /ClientForge is ready at (http:\/\/\S+)/.exec(output)?.[1];
        if (address) resolve(address);
      });
    }
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const ready = Promise.race([
    read,
    exit.then((code) => Promise.reject(new Error(`ended with ${code}: ${output}`))),
  ]);
  ready.catch(() => undefined);
  return { process: child, output: () => output, ready, exit };
}

describe('the server process', () => {
  let test: TestDatabase;
  let folder: string;
  let settings: Record<string, string>;
  beforeAll(async () => {
    test = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'server-spec-'));
    settings = {
      DATABASE_URL: test.url,
      MASTER_KEY: test.masterKey.toString('base64'),
      DATA_DIR: folder,
      PORT: '0',
      DEMO: 'false',
    };
  });
  afterAll(async () => {
    await test.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)(
    'serves on both loopback addresses until %s and ends with 0',
    async (wish) => {
      const server = start(settings);
      const address = await server.ready;
      const { port } = new URL(address);
      expect(address).toBe(`http://localhost:${port}`);
      for (const host of ['127.0.0.1', '[::1]']) {
        const reply = await fetch(`http://${host}:${port}/health/ready`);
        expect([host, reply.status]).toEqual([host, 200]);
      }
      if (wish === 'disconnect') server.process.disconnect();
      else server.process.kill(wish);
      expect(await server.exit).toBe(0);
      expect(server.output().match(/ClientForge/g)).toHaveLength(1);
    },
  );

  it('finishes what is under way before it ends', async () => {
    const server = start(settings);
    const address = await server.ready;
    const body = JSON.stringify({ email: 'nobody@hooli.example', password: 'wrong password' });
    const { port } = new URL(address);
    const socket = connect({ host: '127.0.0.1', port: Number(port) }).setEncoding('utf8');
    let answer = '';
    socket.on('data', (text: string) => (answer += text));
    socket.write(
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\n' +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n` +
        body.slice(0, 10),
    );
    await pause(1000);
    server.process.kill('SIGTERM');
    await pause(500);
    socket.write(body.slice(10));
    await once(socket, 'close');
    expect(answer).toContain('HTTP/1.1 401');
    expect(answer).toContain('SIGN_IN_REFUSED');
    expect(await server.exit).toBe(0);
  });

  it('serves the pages of the admin at every address that is not taken', async () => {
    const server = start(settings);
    const address = await server.ready;
    const page = (path: string, accept = 'text/html') =>
      fetch(`${address}${path}`, { headers: { accept } });
    const index = await page('/');
    expect(index.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const markup = async (reply: Response) =>
      (await reply.text()).replaceAll(/once="[^"]+"/g, 'once');
    expect(await markup(await page('/deals/board?view=mine'))).toBe(await markup(index));
    for (const path of ['/api/v1/unicorns', '/main.js.map', '/health/unicorns']) {
      const reply = await page(path);
      expect([path, reply.status]).toEqual([path, 404]);
      expect(reply.headers.get('content-type')).toContain('application/json');
    }
    expect((await page('/deals/board', 'application/json')).status).toBe(404);
    server.process.kill('SIGTERM');
    expect(await server.exit).toBe(0);
  });

  it('says in one line why it cannot start', async () => {
    const fails = async (changed: Record<string, string>) => {
      const server = start({ ...settings, ...changed });
      const code = await server.exit;
      const lines = server.output().trim().split('\n');
      return { code, lines: lines.length, text: lines[0] };
    };
    expect(await fails({ PORT: '99999' })).toMatchObject({ code: 1, lines: 1 });
    const nowhere = new URL(test.url);
    nowhere.port = '1';
    expect(await fails({ DATABASE_URL: nowhere.toString() })).toMatchObject({
      code: 3,
      lines: 1,
      text: expect.stringContaining('cannot be reached'),
    });
    nowhere.port = new URL(test.url).port;
    nowhere.pathname = '/no_such_database';
    nowhere.password = 'planted-secret';
    const refused = await fails({ DATABASE_URL: nowhere.toString() });
    expect(refused).toMatchObject({ code: 3, lines: 1 });
    expect(refused.text).not.toContain('planted-secret');
    const other = start(settings);
    const { port } = new URL(await other.ready);
    expect(await fails({ PORT: port })).toEqual({
      code: 1,
      lines: 1,
      text: `ClientForge could not start: Port ${port} is in use; set PORT to another one.`,
    });
    other.process.kill('SIGTERM');
    await other.exit;
  });
});

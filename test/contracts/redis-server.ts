import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { environment } from '#platform/config/environment';

/** The Redis that the run found; empty without one. */
const program = environment['CLIENTFORGE_REDIS'];

/** Why specs of Redis do not run, for their titles; empty when they do. */
export const withoutRedis = program ? '' : 'skipped: redis-server';

/** Settings that keep what Redis was given. */
const DURABLE = { appendonly: 'yes', appendfsync: 'everysec', 'maxmemory-policy': 'noeviction' };

/** A Redis of the spec's own, on a free port of this machine, in a folder of its own. */
export class TestRedis {
  private readonly folder = mkdtempSync(join(tmpdir(), 'clientforge-redis-'));
  private child: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<TestRedis> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    const redis = new TestRedis(port);
    await redis.run(settings);
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it on what it had stored. */
  async run(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = { port: String(this.port), bind: '127.0.0.1', dir: this.folder, save: '' };
    const args = Object.entries({ ...all, ...DURABLE, ...settings });
    this.child = spawn(
      program!,
      args.flatMap(([name, value]) => [`--${name}`, value]),
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    for await (const line of createInterface(this.child.stdout!)) {
      if (line.includes('Ready to accept connections')) break;
    }
    this.child.stdout!.resume();
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Deletes what it stored. */
  forget(): void {
    for (const name of ['appendonlydir', 'dump.rdb']) {
      rmSync(join(this.folder, name), { recursive: true, force: true });
    }
  }

  /** Keeps connections open and answers nothing, as a partition of the network does. */
  hang(): void {
    this.child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.child?.kill('SIGCONT');
  }

  /** Sends one command. */
  async send(name: string, ...args: readonly string[]): Promise<unknown> {
    const client = new Redis(this.url);
    try {
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

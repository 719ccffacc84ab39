import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { median } from './bench.js';

/** What the figures were measured on. */
export interface Machine {
  readonly system: string;
  readonly cores: number;
  readonly processor: string;
  /** GiB. */
  readonly memory: number;
  /** Load of the machine before the run: others may have been at work. */
  readonly loadBefore: number;
  readonly node: string;
  readonly postgres: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Milliseconds one write and its flush to the disk take, median. */
  readonly flush: number;
}

const SETTINGS = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers'];

export async function describeMachine(url: string, folder: string): Promise<Machine> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `SELECT name, current_setting(name) AS setting FROM pg_settings
        WHERE name = ANY ($1) OR name = 'server_version'`,
      [SETTINGS],
    );
    const found = new Map(rows.map(({ name, setting }) => [name, setting]));
    return {
      system: `${platform()}-${arch()}`,
      cores: availableParallelism(),
      processor: cpus()[0]?.model ?? 'unknown',
      memory: Math.round(totalmem() / 2 ** 30),
      loadBefore: loadavg()[0]!,
      node: process.versions.node,
      postgres: found.get('server_version') ?? 'unknown',
      settings: Object.fromEntries(SETTINGS.map((name) => [name, found.get(name) ?? ''])),
      flush: flushTime(folder),
    };
  } finally {
    await client.end();
  }
}

/** What a commit waits for at least: 8 KiB written to the same disk and flushed, 200 times. */
function flushTime(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'flush');
  const handle = openSync(file, 'w');
  try {
    const page = Buffer.alloc(8192, 1);
    const taken: number[] = [];
    for (let n = 0; n < 200; n++) {
      const start = performance.now();
      writeSync(handle, page, 0, page.length, (n % 64) * page.length);
      fsyncSync(handle);
      taken.push(performance.now() - start);
    }
    return median(taken);
  } finally {
    closeSync(handle);
    rmSync(file);
  }
}

/** The machine as lines of text. */
export function machineLines(machine: Machine): string[] {
  const settings = Object.entries(machine.settings).map(([name, value]) => `${name}=${value}`);
  return [
    `${machine.cores} cores (${machine.processor}), ${machine.memory} GiB, ${machine.system}, ` +
      `Node ${machine.node}, load ${machine.loadBefore.toFixed(1)} before the run`,
    `PostgreSQL ${machine.postgres}, ${settings.join(', ')}; ` +
      `writing and flushing 8 KiB takes ${machine.flush.toFixed(2)} ms`,
  ];
}

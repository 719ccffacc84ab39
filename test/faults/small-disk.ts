import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { environment } from '#platform/config/environment';
import { builtFile } from './processes.js';

/**
 * Ways to a file system of one's own that ends with the processes in it: the administrator's, and
 * that of anybody where the kernel lets people have namespaces.
 */
const ways = [
  ['unshare', '--mount'],
  ['unshare', '--user', '--map-current-user', '--keep-caps', '--mount'],
] as const;
const mount = 'mount -t tmpfs -o "size=$2,mode=755" tmpfs "$1"';

function inRoom(dir: string, megabytes: number, then: string, ...args: string[]) {
  const script = ['-c', `${mount} && ${then}`, 'sh', dir, `${megabytes}m`, ...args];
  return ways.map(([program, ...flags]) => ({ program, args: [...flags, 'sh', ...script] }));
}

const found = inRoom(tmpdir(), 1, 'true').findIndex(
  ({ program, args }) => spawnSync(program, args).status === 0,
);

/** Why there is no small disk, if there is none. */
export const withoutSmallDisk = found < 0 ? 'skipped: right to mount' : undefined;

/** A PostgreSQL whose data lie on a disk of little room. */
export interface SmallDisk {
  /** Administrator's URL. */
  readonly url: string;
  /** Takes what room there is, but for what the server itself has put aside; answers the bytes left. */
  fill(): Promise<number>;
  /** Gives it back. */
  free(): Promise<number>;
  stop(): Promise<void>;
}

export async function startOnSmallDisk(megabytes: number): Promise<SmallDisk> {
  const dir = mkdtempSync(join(tmpdir(), 'clientforge-embedded-'));
  chmodSync(dir, 0o755);
  const file = builtFile('test', 'faults', 'small-disk-server.js');
  const then = 'exec "$3" --no-warnings "$4" "$1"';
  const { program, args } = inRoom(dir, megabytes, then, process.execPath, file)[found]!;
  const child: ChildProcess = spawn(program, args, {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const said = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the server on a small disk has ended');
    return value.split(' ')[1]!;
  };
  const tell = async (word: string) => {
    child.stdin!.write(`${word}\n`);
    return Number(await said());
  };
  const ended = once(child, 'exit');
  return {
    url: await said(),
    fill: () => tell('fill'),
    free: () => tell('free'),
    stop: async () => {
      child.stdin!.end();
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

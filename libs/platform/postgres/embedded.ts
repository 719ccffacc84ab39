import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  answers,
  choosePort,
  clusterOf,
  ensureCluster,
  logOf,
  programEnvironment,
  removeStalePidFile,
  runningPostmaster,
  until,
  urlOf,
} from './embedded-cluster.js';
import { findPlace, type Place } from './embedded-place.js';
import {
  closingOf,
  enter,
  exclusively,
  forgetUsers,
  hasUsers,
  leave,
  usersOf,
} from './embedded-users.js';

export interface EmbeddedPostgresOptions {
  /** Folder under which the cluster lives; made when absent. */
  readonly dataDir: string;
  /** Server settings beside or instead of ours, by their PostgreSQL names. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Takes the few lines a person should know. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** Superuser URL on 127.0.0.1. */
  readonly url: string;
  /** Whether this call started the server; otherwise another process did. */
  readonly started: boolean;
  /** Lets go of the server; it stops when no other process uses it. Safe to call twice. */
  stop(): Promise<void>;
}

/** Buffers of a server that shares its machine with us: a sixteenth of its memory. */
export function bufferMegabytes(memory: number): number {
  return Math.max(128, Math.min(512, Math.round(memory / 2 ** 20 / 16)));
}

const ourSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // What does not fit is written out and read again by those who serve people.
  shared_buffers: `${bufferMegabytes(Math.min(totalmem(), process.constrainedMemory() || Infinity))}MB`,
  // After a checkpoint each page is logged whole once more, and at its end commits wait: half as often.
  max_wal_size: '2GB',
  // A new segment is filled with zeros while all commits wait, for some 80 ms: those there are used again.
  min_wal_size: '1GB',
  // An append locks its streams and its command; 64 clients of 64 streams exhaust the default of 64.
  max_locks_per_transaction: 512,
  // A forgotten transaction holds back every reader of the log.
  idle_in_transaction_session_timeout: '60s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: false,
};

// Recovery after a crash replays the log since the last checkpoint, which may take minutes.
const startTimeoutMs = 600_000;
// The guardian asks politely for ten seconds before it insists.
const stopTimeoutMs = 20_000;
const portAttempts = 5;
const reviveMs = 1_000;
const reviveAtMostMs = 10_000;

// Ends the server when our end of its stdin closes, however we died. It gets the server's process
// number as the first line; a second line says that the server ended by itself. The file "closing" and
// the files of users are written and read in opposite order here and in `reuse`, so that a process
// that arrives at the last moment is seen by one of both.
const guardian = `
cluster=$1 users=$2 closing=$3
read -r pid || { sleep 2; read -r pid < "$cluster/postmaster.pid" || exit 0; }
read -r word && exit 0
alive() { kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ]; }
zombie() { grep -q ') [ZX] ' "/proc/$1/stat" 2>/dev/null; }
used() {
  for file in "$users"/*; do
    user=\${file##*/}
    [ -e "$file" ] && alive "$user" && ! zombie "$user" && return 0
  done
  return 1
}
while alive "$pid"; do
  if ! used; then
    : > "$closing"
    used || break
    rm -f "$closing"
  fi
  sleep 1
done
kill -INT "$pid" 2>/dev/null
waited=0
while alive "$pid" && ! zombie "$pid"; do
  [ $waited -eq 100 ] && kill -QUIT "$pid" 2>/dev/null
  waited=$((waited + 1))
  sleep 0.1
done
rm -f "$closing"
`;

/**
 * Starts the PostgreSQL that npm brought, on a free port of 127.0.0.1, or joins the one another
 * process already runs in the same folder. The server ends with the last process that uses it, also
 * when that one is killed.
 * @throws Error when the system has no binaries, or with the server's own words when it ends early.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const place = findPlace(options.dataDir, log);
  return exclusively(place.home, async () => {
    const joined = await reuse(place.home);
    if (joined) return joined;
    await ensureCluster(place);
    removeStalePidFile(place.home);
    forgetUsers(place.home);
    return start(place, { ...ourSettings, ...options.settings }, log);
  });
}

async function reuse(home: string): Promise<EmbeddedPostgres | undefined> {
  const found = runningPostmaster(home);
  if (!found) return undefined;
  enter(home);
  // Ready at once, or being stopped by its guardian, or recovering for a starter that was killed.
  const closed = (): boolean => !existsSync(closingOf(home)) || !runningPostmaster(home);
  await until(closed, stopTimeoutMs);
  await until(() => runningPostmaster(home)?.ready ?? true, startTimeoutMs);
  const server = runningPostmaster(home);
  const url = server && urlOf(home, server.port);
  if (url && (await answers(url))) {
    const stop = (): Promise<void> => Promise.resolve(leave(home));
    return { url, started: false, stop };
  }
  leave(home);
  if (!(await until(() => !runningPostmaster(home), stopTimeoutMs))) {
    throw new Error(
      `PostgreSQL runs in ${clusterOf(home)} as process ${found.pid} but refuses us.`,
    );
  }
  return undefined;
}

async function start(
  place: Place,
  settings: Readonly<Record<string, unknown>>,
  log: (line: string) => void,
): Promise<EmbeddedPostgres> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort(place.home);
    const server = launch(place, { ...settings, port });
    if (await isReady(place.home, server, log)) {
      return new Kept(place, { ...settings, port }, server, log).handle(urlOf(place.home, port));
    }
    const words = readFileSync(logOf(place.home), 'utf8').trim();
    const portTaken = /could not (bind|create any TCP)/.test(words);
    if (!portTaken || attempt === portAttempts) {
      throw new Error(`PostgreSQL did not start: ${words.split('\n').slice(-5).join(' | ')}`);
    }
    rmSync(join(place.home, 'port'), { force: true });
  }
}

/** Process numbers of the servers this process has started. */
const launched = new Set<number>();

interface Server {
  readonly process: ChildProcess;
  readonly guardian: ChildProcess;
  ended: boolean;
}

// Both run in process groups of their own: a Ctrl-C on the terminal is meant for the app, which
// drains first and stops the database last.
function launch(place: Place, settings: Readonly<Record<string, unknown>>): Server {
  const { home, account, native } = place;
  const cluster = clusterOf(home);
  const keeper = spawn('/bin/sh', ['-c', guardian, 'sh', cluster, usersOf(home), closingOf(home)], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const output = openSync(logOf(home), 'w', 0o600);
  if (account) chownSync(logOf(home), account.uid, account.gid);
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const postmaster = spawn(join(native, 'bin', 'postgres'), ['-D', cluster, ...args], {
    ...account,
    cwd: home,
    env: programEnvironment(home),
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  const server: Server = { process: postmaster, guardian: keeper, ended: false };
  if (postmaster.pid) launched.add(postmaster.pid);
  // A broken pipe means that the guardian is gone, which leaves nothing to tell it.
  keeper.stdin?.on('error', () => undefined);
  keeper.on('error', () => postmaster.kill('SIGINT'));
  const ended = (): void => {
    server.ended = true;
    keeper.stdin?.write('ended\n');
  };
  postmaster.once('exit', ended).once('error', ended);
  keeper.stdin?.write(`${postmaster.pid ?? 0}\n`);
  keeper.unref();
  postmaster.unref();
  return server;
}

async function isReady(home: string, server: Server, log: (line: string) => void) {
  const slow = setTimeout(() => log('PostgreSQL is recovering after a crash; please wait.'), 5_000);
  slow.unref();
  const ready = (): boolean => {
    const found = runningPostmaster(home);
    return found?.pid === server.process.pid && found?.ready === true;
  };
  try {
    await until(() => server.ended || ready(), startTimeoutMs);
    return !server.ended && ready();
  } finally {
    clearTimeout(slow);
  }
}

/** A server that is started again, on the same port, when it ends without being told to. */
class Kept {
  private stopped: Promise<void> | undefined;
  private launching: Promise<unknown> | undefined;
  /** Whether another process has started it since. */
  private joined = false;

  constructor(
    private readonly place: Place,
    private readonly settings: Readonly<Record<string, unknown>>,
    private server: Server,
    private readonly log: (line: string) => void,
  ) {
    this.watch();
  }

  handle(url: string): EmbeddedPostgres {
    return { url, started: true, stop: () => (this.stopped ??= this.stop()) };
  }

  private watch(): void {
    const { process: postmaster } = this.server;
    const ended = () => void this.revive();
    if (this.server.ended) ended();
    else postmaster.once('exit', ended);
  }

  /** A full disk ends the server too: it is tried until there is room again. */
  private async revive(): Promise<void> {
    for (let wait = reviveMs; ; wait = Math.min(wait * 2, reviveAtMostMs)) {
      await pause(wait, undefined, { ref: false });
      if (this.stopped) return;
      this.launching = this.again().catch(() => false);
      if (await this.launching) return;
    }
  }

  /** Whether the server stands again, or whoever uses it wants no other. */
  private async again(): Promise<boolean> {
    const { home } = this.place;
    return exclusively(home, async () => {
      const other = runningPostmaster(home);
      if (this.stopped || (other && launched.has(other.pid))) return true;
      if (other) {
        enter(home);
        this.joined = true;
        return true;
      }
      removeStalePidFile(home);
      const server = launch(this.place, this.settings);
      if (!(await isReady(home, server, this.log))) return false;
      this.server = server;
      this.watch();
      this.log('PostgreSQL had ended and was started again.');
      return true;
    });
  }

  private async stop(): Promise<void> {
    const { home } = this.place;
    await this.launching;
    if (this.joined) leave(home);
    const { server } = this;
    server.guardian.stdin?.end();
    // Others may still need it; then its guardian stays and stops it after them.
    await until(() => server.ended || hasUsers(home), stopTimeoutMs);
  }
}

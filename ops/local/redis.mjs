// Specs of the queue use a real Redis: the system's, or on Debian its package, unpacked into the
// cache folder and not installed, which any account may do.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root, run, say } from './shell.mjs';

const folder = join(root, '.cache', 'redis');
/** Stands between us and the unpacked server: tells it where its libraries are. */
const starter = join(folder, 'redis-server');
const packages = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'];

/** Path of a Redis server; undefined without one. */
export async function redisServer() {
  if (process.env.CLIENTFORGE_REDIS) return process.env.CLIENTFORGE_REDIS;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = [...folders.map((dir) => join(dir, 'redis-server')), starter];
  return places.find((file) => existsSync(file)) ?? (await unpack());
}

async function unpack() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return undefined;
  say('fetching redis-server for specs (apt-get download)');
  const files = join(folder, 'files');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(files, { recursive: true });
  const quick = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=10'];
  await run('apt-get', [...quick, 'download', ...packages], { cwd: folder, timeoutMs: 60_000 });
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.deb'))) {
    await run('dpkg-deb', ['-x', join(folder, name), files]);
  }
  const libraries = libraryFolders(files).join(':');
  const script = `#!/bin/sh
here=$(dirname "$0")/files
LD_LIBRARY_PATH=${libraries.replaceAll(files, '$here')} exec "$here/usr/bin/redis-server" "$@"
`;
  writeFileSync(starter, script, { mode: 0o755 });
  const { code } = await run(starter, ['--version']);
  if (code === 0) return starter;
  rmSync(starter);
  say('redis-server could not be fetched; its specs are skipped');
  return undefined;
}

/** Folders of shared libraries, whose name holds the architecture. */
function libraryFolders(files) {
  const lib = join(files, 'usr', 'lib');
  if (!existsSync(lib)) return [];
  return readdirSync(lib)
    .filter((name) => name.includes('-linux-'))
    .map((name) => join(lib, name));
}

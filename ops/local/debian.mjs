// Programs that specs need and Debian has: the system's, or its packages, unpacked into the cache
// folder and not installed, which any account may do.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root, run, say } from './shell.mjs';

/**
 * Path of a program; undefined where it cannot be had.
 * @param {{ name: string, binary: string, packages: readonly string[] }} program `binary` is its
 *   place in the packages: usr/bin/redis-server
 */
export async function debianProgram({ name, binary, packages }) {
  const folder = join(root, '.cache', name);
  // Stands between us and the unpacked program: tells it where its libraries are.
  const starter = join(folder, name);
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  const places = [...folders.map((dir) => join(dir, name)), starter];
  const found = places.find((file) => existsSync(file));
  return found ?? (await unpack({ name, binary, packages, folder, starter }));
}

/**
 * Folder of unpacked packages, for programs that need more than one file; undefined where they
 * cannot be had.
 * @param {{ name: string, packages: readonly string[] }} wanted
 */
export async function debianFiles({ name, packages }) {
  const folder = join(root, '.cache', name);
  const files = join(folder, 'files');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return files;
  if ((await fetchPackages(name, packages, folder)) === packages.length) {
    writeFileSync(complete, '');
    return files;
  }
  say(`${name} could not be fetched; its specs are skipped`);
  return undefined;
}

/** Downloads and unpacks into `files` below the folder; how many packages there were. */
async function fetchPackages(name, packages, folder) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return 0;
  say(`fetching ${name} for specs (apt-get download)`);
  const files = join(folder, 'files');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(files, { recursive: true });
  const quick = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=10'];
  await run('apt-get', [...quick, 'download', ...packages], { cwd: folder, timeoutMs: 60_000 });
  const fetched = readdirSync(folder).filter((file) => file.endsWith('.deb'));
  for (const one of fetched) await run('dpkg-deb', ['-x', join(folder, one), files]);
  return fetched.length;
}

async function unpack({ name, binary, packages, folder, starter }) {
  if ((await fetchPackages(name, packages, folder)) === 0) return undefined;
  const files = join(folder, 'files');
  const libraries = libraryFolders(files).join(':');
  const script = `#!/bin/sh
here=$(dirname "$0")/files
LD_LIBRARY_PATH=${libraries.replaceAll(files, '$here')} exec "$here/${binary}" "$@"
`;
  writeFileSync(starter, script, { mode: 0o755 });
  const { code } = await run(starter, ['--version']);
  if (code === 0) return starter;
  rmSync(starter);
  say(`${name} could not be fetched; its specs are skipped`);
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

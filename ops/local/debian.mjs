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

async function unpack({ name, binary, packages, folder, starter }) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return undefined;
  say(`fetching ${name} for specs (apt-get download)`);
  const files = join(folder, 'files');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(files, { recursive: true });
  const quick = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=10'];
  await run('apt-get', [...quick, 'download', ...packages], { cwd: folder, timeoutMs: 60_000 });
  for (const one of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
    await run('dpkg-deb', ['-x', join(folder, one), files]);
  }
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

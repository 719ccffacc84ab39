// `node ops/local/freeze-release.mjs COMMIT FILE`: the database that the release of a commit makes,
// as compressed SQL, for the test that opens it with the present one. DATABASE_URL names an empty database of
// a server no newer than `pg_dump`, in the words of a superuser.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from './shell.mjs';

const [commit, file] = process.argv.slice(2);
const url = process.env.DATABASE_URL;
if (!commit || !file || !url) {
  console.error('usage: DATABASE_URL=… node ops/local/freeze-release.mjs COMMIT FILE');
  process.exit(2);
}

/** The test opens what it seals; it guards nothing. */
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
const folder = mkdtempSync(join(tmpdir(), 'clientforge-frozen-'));
const node = join(root, 'node_modules', '.bin', 'node');
const quietly = { stdio: ['ignore', 'inherit', 'inherit'] };
const large = { maxBuffer: 1 << 28 };

try {
  const archive = execFileSync('git', ['-C', root, 'archive', commit], large);
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const swc = join(root, 'node_modules', '@swc', 'cli', 'bin', 'swc.js');
  const rooms = ['apps', 'libs', 'event-schemas', 'projections'];
  const args = [swc, ...rooms, '-d', 'dist', '--config-file', '.swcrc', '--ignore', '**/*.spec.ts'];
  execFileSync(node, args, { cwd: folder, ...quietly });
  copyFileSync(join(import.meta.dirname, 'frozen-release.mjs'), join(folder, 'fill.mjs'));
  const env = { ...process.env, MASTER_KEY };
  execFileSync(node, ['fill.mjs'], { cwd: folder, env, ...quietly });
  const options = ['--inserts', '--rows-per-insert=100', '--no-owner', '--no-privileges'];
  const dump = execFileSync('pg_dump', [...options, url], large).toString();
  writeFileSync(resolve(file), gzipSync(loadable(dump), { level: 9 }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Without what needs psql, roles of the old server, or a particular version. */
function loadable(dump) {
  return dump
    .split('\n')
    .filter((line) => !/^(--|\\|SET |CREATE POLICY |COMMENT ON EXTENSION )/.test(line))
    .filter((line) => !line.startsWith("SELECT pg_catalog.set_config('search_path'"))
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n');
}

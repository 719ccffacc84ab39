import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { environment } from '#platform/config/environment';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = process.cwd();
const COPIED = ['apps', 'libs', 'event-schemas', 'projections', 'ops', 'test', 'package.json'];
const SETTINGS = ['tsconfig.json', '.swcrc', '.prettierrc', '.prettierrc.json', 'jest.config.mjs'];
const present = new Set(readdirSync(root));

/** Every file below a folder with the hash of its content. */
function contents(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    files.map((file) => [
      relative(folder, file),
      createHash('sha256').update(readFileSync(file)).digest('hex'),
    ]),
  );
}

describe('the budget of a slice', () => {
  let folder: string;
  let before: Map<string, string>;
  let overBudget: (changes: { added: string[]; edited: string[] }) => string[];

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'clientforge-slice-')));
    for (const name of [...COPIED, ...SETTINGS]) {
      if (present.has(name)) cpSync(join(root, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    before = contents(folder);
    const module = (await import(join(root, 'ops/generators/slice-budget.mjs'))) as {
      overBudget: typeof overBudget;
    };
    overBudget = module.overBudget;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]) =>
    spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...environment, CLIENTFORGE_ROOT: folder },
    });
  function changes() {
    const after = contents(folder);
    const names = [...after.keys()];
    return {
      added: names.filter((name) => !before.has(name)),
      edited: names.filter((name) => before.has(name) && before.get(name) !== after.get(name)),
    };
  }

  it('generated slices compile, pass and stay within it', () => {
    for (const target of ['sales/deal/flag-deal', 'customers/contact/verify-contact']) {
      before = contents(folder);
      const generated = run(join(folder, 'ops/generators/command.mjs'), target);
      expect([target, generated.status, generated.stderr]).toEqual([target, 0, '']);
      expect([target, overBudget(changes())]).toEqual([target, []]);
      expect(changes().added.some((file) => file.endsWith('.spec.ts'))).toBe(true);
    }
    const types = run(
      'node_modules/typescript/bin/tsc',
      '-p',
      'tsconfig.json',
      '--incremental',
      'false',
    );
    expect(types.stdout).toBe('');
    const specs = run(
      '--experimental-vm-modules',
      '--no-warnings',
      'node_modules/jest/bin/jest.js',
      '--config',
      jestConfig(),
      'flag-deal',
      'verify-contact',
    );
    expect([specs.status, specs.stderr]).toEqual([0, expect.stringContaining('2 passed')]);
  }, 180_000);

  /** The product's own settings without its global set-up, which starts a database. */
  function jestConfig(): string {
    const swc = JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8')) as unknown;
    return JSON.stringify({
      rootDir: folder,
      testEnvironment: 'node',
      extensionsToTreatAsEsm: ['.ts'],
      transform: { '^.+\\.ts$': ['@swc/jest', swc] },
      testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
      moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
    });
  }

  it('a fifth file or a fifth edit breaks it', () => {
    const { added, edited } = changes();
    const extra = ['a', 'b', 'c', 'd', 'e'].map((name) => `libs/sales/deal/${name}.ts`);
    expect(overBudget({ added: extra, edited: [] })).toHaveLength(1);
    expect(overBudget({ added: extra.slice(1), edited })).toEqual([]);
    for (const file of extra) writeFileSync(join(folder, file), 'export {};\n');
    expect(overBudget(changes())).toEqual([expect.stringContaining('new files')]);
    expect(overBudget({ added, edited: extra })).toEqual([expect.stringContaining('edited files')]);
  });

  it('says what is wrong with a target it cannot make', () => {
    for (const target of ['sales/deal', 'sales/nothing/do-it', 'sales/deal/win-deal']) {
      expect(run(join(folder, 'ops/generators/command.mjs'), target).status).toBe(2);
    }
  });
});

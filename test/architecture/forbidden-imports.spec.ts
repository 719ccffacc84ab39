import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
// Below the repository, so that packages resolve as they do for the product.
const copy = join(root, '.cache', `architecture-${process.pid}`);

/** One module per room, to be imported by others. */
const targets = {
  kernel: 'libs/kernel/thing',
  platform: 'libs/platform/thing',
  sales: 'libs/sales/thing',
  customers: 'libs/customers/thing',
  schemas: 'event-schemas/sales/thing',
  projections: 'projections/sales/thing',
  api: 'apps/api/thing',
  worker: 'apps/worker/thing',
  server: 'apps/server/thing',
  cli: 'apps/cli/thing',
  composition: 'apps/composition/thing',
  frontend: 'frontend/src/thing',
  ops: 'ops/seed/thing',
  test: 'test/support/thing',
} as const;
type Room = keyof typeof targets;

/** What each room must not reach. Written out here, so that a rule that is lost is noticed. */
const forbidden: readonly (readonly [Room, readonly Room[]])[] = [
  ['kernel', ['schemas', 'sales', 'platform', 'projections', 'api', 'test', 'ops']],
  ['schemas', ['sales', 'platform', 'projections', 'api', 'test']],
  ['sales', ['customers', 'platform', 'projections', 'api', 'composition', 'test', 'frontend']],
  ['customers', ['sales', 'platform', 'projections', 'api']],
  ['projections', ['sales', 'customers', 'platform', 'api']],
  ['platform', ['sales', 'projections', 'api', 'composition', 'test', 'ops']],
  ['api', ['worker', 'server', 'cli', 'frontend', 'test', 'ops']],
  ['worker', ['api', 'server', 'cli']],
  ['composition', ['api', 'worker', 'server', 'cli']],
  ['server', ['cli', 'test']],
  ['cli', ['server', 'test']],
  ['frontend', ['kernel', 'sales', 'api', 'schemas']],
];

const allowed: readonly (readonly [Room, readonly Room[]])[] = [
  ['schemas', ['kernel']],
  ['sales', ['kernel', 'schemas']],
  ['customers', ['kernel', 'schemas']],
  ['projections', ['kernel', 'schemas']],
  ['platform', ['kernel', 'schemas']],
  ['composition', ['kernel', 'schemas', 'sales', 'customers', 'projections', 'platform']],
  ['api', ['kernel', 'schemas', 'sales', 'projections', 'platform', 'composition']],
  ['worker', ['kernel', 'schemas', 'sales', 'projections', 'platform', 'composition']],
  ['server', ['api', 'worker', 'composition', 'platform']],
  ['cli', ['api', 'worker', 'composition', 'platform']],
];

const pure: readonly Room[] = ['kernel', 'schemas', 'sales', 'customers', 'projections'];
const pairs = (table: typeof forbidden) =>
  table.flatMap(([from, list]) => list.map((to) => [from, to] as const));

type Way = 'alias' | 'relative' | 'dynamic';
const ways: readonly Way[] = ['alias', 'relative', 'dynamic'];

function specifier(from: Room, to: Room, way: Way): string {
  const target = targets[to];
  const hasAlias = !/^(frontend|ops)/.test(target);
  if (way !== 'relative' && hasAlias) return `#${target.replace(/^libs\//, '')}`;
  const path = relative(dirname(targets[from]), target);
  return `${path.startsWith('.') ? path : `./${path}`}.js`;
}

function importer(from: Room, to: Room, way: Way): { file: string; code: string } {
  const name = specifier(from, to, way);
  const file = `${dirname(targets[from])}/${way}-${from}-${to}.ts`;
  const code =
    way === 'dynamic'
      ? `export const late = await import('${name}');\n`
      : `import { thing } from '${name}';\nexport const seen = thing;\n`;
  return { file, code };
}

function write(file: string, code: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), code);
}

function plantAll(): void {
  for (const target of Object.values(targets)) write(`${target}.ts`, 'export const thing = 1;\n');
  for (const [from, to] of [...pairs(forbidden), ...pairs(allowed)]) {
    for (const way of ways) {
      const { file, code } = importer(from, to, way);
      write(file, code);
    }
  }
  for (const room of pure) {
    const code = "import { Injectable } from '@nestjs/common';\nexport const seen = Injectable;\n";
    write(`${dirname(targets[room])}/framework-${room}.ts`, code);
  }
  write(
    'libs/sales/circle-a.ts',
    "import { b } from './circle-b.js';\nexport const a = () => b;\n",
  );
  write(
    'libs/sales/circle-b.ts',
    "import { a } from './circle-a.js';\nexport const b = () => a;\n",
  );
  write('libs/sales/some.spec.ts', "import { thing } from '#test/support/thing';\nvoid thing;\n");
  write('libs/platform/env.ts', 'export const port = process.env.PORT;\n');
  write('libs/platform/bus.ts', "import { EventBus } from '@nestjs/cqrs';\nvoid EventBus;\n");
  write('libs/platform/any.ts', 'export const value = JSON.parse("1") as any;\n');
  write('libs/platform/promise.ts', 'export function f() {\n  Promise.resolve(1);\n}\n');
  write('libs/platform/long.ts', '\n'.repeat(401));
}

function run(program: string, args: readonly string[]): string {
  const bin = join(root, 'node_modules', program);
  const options = { cwd: copy, encoding: 'utf8', maxBuffer: 64 << 20 } as const;
  const { stdout, stderr } = spawnSync(process.execPath, [bin, ...args], options);
  if (!stdout) throw new Error(stderr);
  return stdout;
}

interface Cruise {
  summary: { violations: { from: string; to: string; rule: { name: string } }[] };
}
interface Lint {
  filePath: string;
  messages: { ruleId: string | null }[];
}

const cruised = new Map<string, string[]>();
const linted = new Map<string, string[]>();

beforeAll(() => {
  mkdirSync(join(copy, 'ops/local'), { recursive: true });
  const configs = ['package.json', 'tsconfig.json', '.dependency-cruiser.mjs', 'eslint.config.mjs'];
  for (const file of [...configs, 'ops/local/rooms.mjs']) {
    cpSync(join(root, file), join(copy, file));
  }
  plantAll();
  const folders = ['apps', 'libs', 'event-schemas', 'projections', 'ops', 'test', 'frontend/src'];
  const cruise = JSON.parse(
    run('dependency-cruiser/bin/dependency-cruiser.mjs', [
      ...['--config', '.dependency-cruiser.mjs', '--output-type', 'json'],
      ...folders,
    ]),
  ) as Cruise;
  for (const { from, rule } of cruise.summary.violations) {
    cruised.set(from, [...(cruised.get(from) ?? []), rule.name]);
  }
  const lint = JSON.parse(run('eslint/bin/eslint.js', ['--format', 'json', '.'])) as Lint[];
  for (const { filePath, messages } of lint) {
    linted.set(
      relative(copy, filePath),
      messages.map(({ ruleId }) => ruleId ?? 'broken'),
    );
  }
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('the import gate', () => {
  it.each(pairs(forbidden))('%s may not import %s, in no way of writing it', (from, to) => {
    for (const way of ways) {
      const { file } = importer(from, to, way);
      expect({ file, rules: cruised.get(file) }).toEqual({
        file,
        rules: [expect.stringMatching(/imports-only-its-own$/)],
      });
    }
  });

  it.each(pairs(allowed))('%s may import %s', (from, to) => {
    for (const way of ways) {
      const { file } = importer(from, to, way);
      expect({ file, rules: cruised.get(file) }).toEqual({ file, rules: undefined });
      expect(linted.get(file)).toEqual([]);
    }
  });

  it.each(pure)('%s knows no framework', (room) => {
    const file = `${dirname(targets[room])}/framework-${room}.ts`;
    expect(cruised.get(file)).toEqual([expect.stringMatching(/knows-no-framework$/)]);
  });

  it('refuses circles and lets specs use the test support', () => {
    expect(cruised.get('libs/sales/circle-a.ts')).toEqual(['no-circles']);
    expect(cruised.get('libs/sales/some.spec.ts')).toBeUndefined();
  });
});

describe('the editor', () => {
  // Where ESLint sees specifiers only: between the rooms below the apps, and from them upwards.
  const below = pairs(forbidden).filter(
    ([from, to]) =>
      /^(libs|event|proj)/.test(targets[from]) && /^(libs|event|proj|apps)/.test(targets[to]),
  );

  it.each(below)('marks #%s → #%s, also when imported dynamically', (from, to) => {
    expect(linted.get(importer(from, to, 'alias').file)).toContain('no-restricted-imports');
    expect(linted.get(importer(from, to, 'dynamic').file)).toContain('no-restricted-syntax');
  });

  it.each([
    ['process.env outside its file', 'libs/platform/env.ts', 'no-restricted-syntax'],
    ['the in-process event bus', 'libs/platform/bus.ts', 'no-restricted-imports'],
    ['any', 'libs/platform/any.ts', '@typescript-eslint/no-explicit-any'],
    ['a floating promise', 'libs/platform/promise.ts', '@typescript-eslint/no-floating-promises'],
    ['a file of more than 400 lines', 'libs/platform/long.ts', 'max-lines'],
  ])('marks %s', (_what, file, rule) => {
    expect(linted.get(file)).toContain(rule);
  });
});

import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));
// Inline maps give .ts lines in stack traces.
swc.sourceMaps = 'inline';

// The file name tells a spec's cost: .spec is pure, .int.spec needs PostgreSQL, .e2e.spec boots
// the app, .ui.spec drives a browser.
const kind = process.env.CLIENTFORGE_TEST_KIND ?? 'all';
const rooms = '<rootDir>/{apps,libs,event-schemas,projections,ops,test}/**';
const suffix = { unit: '.spec.ts', all: '.spec.ts' }[kind] ?? `.${kind}.spec.ts`;
const usesPostgres = kind !== 'unit';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: [`${rooms}/*${suffix}`],
  testPathIgnorePatterns: kind === 'unit' ? ['\\.(int|e2e|ui|fault)\\.spec\\.ts$'] : [],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.dist-', '<rootDir>/.data/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  // `source` resolves `#kernel/...` to TypeScript instead of dist, as tsc and the editor do.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  cacheDirectory: '<rootDir>/.cache/jest',
  // ES modules of a spec stay in memory: a process that has grown makes room for a new one.
  workerIdleMemoryLimit: '1GB',
  testTimeout: kind === 'unit' ? 15_000 : 180_000,
  ...(usesPostgres && {
    globalSetup: '<rootDir>/ops/local/test-postgres.mjs',
    globalTeardown: '<rootDir>/ops/local/test-postgres-stop.mjs',
  }),
};

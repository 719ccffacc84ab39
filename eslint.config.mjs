import eslint from '@eslint/js';
import angular from 'angular-eslint';
import tseslint from 'typescript-eslint';
import { rooms } from './ops/local/rooms.mjs';

const typescript = ['**/*.ts'];
const specs = ['**/*.spec.ts', 'test/**/*.ts'];

// `#name/…` specifiers of the rooms; what relative paths reach is dependency-cruiser's to judge.
const specifiers = {
  apps: '^apps/',
  kernel: '^libs/kernel/',
  platform: '^libs/platform/',
  'event-schemas': '^event-schemas/',
  projections: '^projections/',
  ...Object.fromEntries(
    rooms.filter(({ path }) => path.startsWith('^libs/')).map(({ name, path }) => [name, path]),
  ),
};

function forbiddenFor(room) {
  const open = new Set([room.path, ...room.may]);
  const closed = Object.entries(specifiers).filter(([, path]) => !open.has(path));
  const names = closed.map(([name]) => name).filter((name) => name !== 'apps' || !isApp(room));
  return `^#(${names.join('|')})/`;
}

const isApp = (room) => room.path.startsWith('^apps/');

const durable =
  'A saga or handler of the in-process event bus loses events; use a processor of the platform.';

const noEventBus = {
  name: '@nestjs/cqrs',
  importNames: ['EventBus', 'EventsHandler', 'Saga', 'IEventHandler', 'EventPublisher'],
  message: durable,
};

const onlyEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Settings are read in libs/platform/config/environment.ts and reach code as `Config`.',
};

function roomRules(room) {
  const regex = forbiddenFor(room);
  const message = `The room "${room.name}" may not import this; see ops/local/rooms.mjs.`;
  const dynamic = {
    selector: `ImportExpression > Literal[value=/${regex.replaceAll('/', '\\/')}/]`,
  };
  return {
    files: [`${room.path.slice(1)}**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { paths: [noEventBus], patterns: [{ regex, message }] }],
      'no-restricted-syntax': ['error', onlyEnvironment, { ...dynamic, message }],
    },
  };
}

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      'dist/',
      '.dist-*/',
      '.cache/',
      '.data/',
      '.nx/',
      'coverage/',
      'frontend/.angular/',
      'frontend/src/data/generated/',
    ],
  },
  eslint.configs.recommended,
  {
    rules: {
      'max-lines': ['error', { max: 400 }],
      eqeqeq: 'error',
      'no-console': 'off',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']
          .concat(['URL', 'Buffer', 'fetch', 'globalThis', 'performance', 'AbortSignal'])
          .map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: typescript,
    extends: [tseslint.configs.recommended],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Decorated classes without members are how NestJS declares modules.
      '@typescript-eslint/no-extraneous-class': 'off',
      'no-restricted-imports': ['error', { paths: [noEventBus] }],
      'no-restricted-syntax': ['error', onlyEnvironment],
    },
  },
  ...rooms.map(roomRules),
  {
    files: ['libs/platform/config/environment.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // Frameworks read these classes' constructor types at run time, so imports must stay values.
    files: ['apps/**/*.ts', 'libs/platform/**/*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: specs,
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-function-type': 'off',
    },
  },
  {
    files: ['frontend/**/*.ts'],
    extends: [angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
    rules: {
      '@typescript-eslint/consistent-type-imports': 'off',
      '@angular-eslint/component-class-suffix': 'off',
      '@angular-eslint/directive-class-suffix': 'off',
    },
  },
  {
    files: ['frontend/**/*.html'],
    extends: [angular.configs.templateRecommended, angular.configs.templateAccessibility],
  },
);

import { frameworks, ours, rooms, specs } from './ops/local/rooms.mjs';

const roomRules = rooms.flatMap(({ name, path, may, pure }) => [
  {
    name: `${name}-imports-only-its-own`,
    severity: 'error',
    comment: `${name} may import: ${may.join(' ') || 'nothing of ours'}`,
    from: { path, pathNot: specs },
    to: { path: ours, pathNot: [path, ...may] },
  },
  {
    name: `${name}-specs-import-only-its-own`,
    severity: 'error',
    comment: 'A spec may use the test support besides what its room may.',
    from: { path: `${path}.*${specs}` },
    to: { path: ours, pathNot: [path, ...may, '^test/'] },
  },
  ...(pure ? [pureRule(name, path)] : []),
]);

function pureRule(name, path) {
  return {
    name: `${name}-knows-no-framework`,
    severity: 'error',
    comment: 'Rules of the business run without a framework, a database or a transport.',
    from: { path },
    to: { path: `${frameworks}|node_modules/${frameworks.slice(1)}` },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...roomRules,
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'Modules that need each other at run time fail when they are loaded.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      // Generators run on the built product, which need not be there.
      to: { couldNotResolve: true, pathNot: '(^|/)dist/' },
    },
    {
      name: 'product-needs-no-development-package',
      severity: 'error',
      from: { path: '^(apps|libs|event-schemas|projections)/', pathNot: specs },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|frontend/\\.angular)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      mainFields: ['module', 'main', 'types', 'typings'],
      conditionNames: ['source', 'types', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};

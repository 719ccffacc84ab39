// The rooms of the product and what each may import: data for dependency-cruiser, which follows
// every path, and for ESLint, which says it in the editor.

const contexts = [
  'identity',
  'customers',
  'sales',
  'work',
  'messaging',
  'billing',
  'automation',
  'insights',
  'compliance',
];

/** Everything that is ours, as opposed to a package. */
export const ours = '^(apps|libs|event-schemas|projections|frontend|ops|test)/';

const lib = (name) => `^libs/${name}/`;
const published = [lib('kernel'), '^event-schemas/'];
const below = [...published, lib('platform'), '^projections/', ...contexts.map(lib)];

/** Each room: where it is, what of ours it may import, and whether it is free of frameworks. */
export const rooms = [
  { name: 'kernel', path: lib('kernel'), may: [], pure: true },
  { name: 'event-schemas', path: '^event-schemas/', may: [lib('kernel')], pure: true },
  ...contexts.map((name) => ({ name, path: lib(name), may: published, pure: true })),
  { name: 'projections', path: '^projections/', may: published, pure: true },
  { name: 'platform', path: lib('platform'), may: published, pure: false },
  { name: 'composition', path: '^apps/composition/', may: below, pure: false },
  { name: 'api', path: '^apps/api/', may: [...below, '^apps/composition/'], pure: false },
  { name: 'worker', path: '^apps/worker/', may: [...below, '^apps/composition/'], pure: false },
  // One process that composes the others, and the operator's commands on the same parts.
  { name: 'server', path: '^apps/server/', may: [...below, appsBut('cli')], pure: false },
  { name: 'cli', path: '^apps/cli/', may: [...below, appsBut('server')], pure: false },
  { name: 'frontend', path: '^frontend/', may: [], pure: false },
];

function appsBut(name) {
  return `^apps/(?!${name}/)`;
}

/** Packages that would tie pure code to a framework, a database or a transport. */
export const frameworks = '^(@nestjs/|typeorm|pg|fastify|@fastify/|mercurius|graphql)';

/** Specs and their helpers may use the test support besides what their room may. */
export const specs = '\\.spec\\.ts$';

import type { GraphQLSchema } from 'graphql';
import type { Registry } from '#platform/commands/registry';
import type { Endpoint } from '../rest/endpoint.js';
import { listedModels } from './record-shape.js';
import { offeredCommands, takesId } from './sdl-commands.js';
import { camel } from './sdl-types.js';

/** Who may use a field of Query, Mutation or Subscription. */
export interface FieldAccess {
  readonly access: Endpoint['access'];
  /** Collection of the record the field's `id` names; another workspace's is missing. */
  readonly addresses?: string;
}

const needs = (permission: string, addresses?: string): FieldAccess => ({
  access: { permission },
  ...(addresses ? { addresses } : {}),
});
/** Every signed-in person; what they see of it follows from their rights to the records. */
const signedIn: FieldAccess = { access: 'signed-in' };

/** The fields that follow from no command and no read model. */
const declared: Readonly<Record<string, FieldAccess>> = {
  'Query.timeline': needs('timeline:read'),
  'Query.timelineStatistics': needs('timeline:read'),
  'Query.me': signedIn,
  // About others it takes users:administer.
  'Query.explainAccess': signedIn,
  'Query.roleCatalogue': needs('roles:read'),
  'Query.workspace': needs('tenants:read'),
  'Query.dealPipeline': needs('deals:read'),
  // Which level may be read and written follows from the rights to it.
  'Query.settings': signedIn,
  'Query.settingHistory': signedIn,
  'Mutation.changeSetting': signedIn,
  'Query.deadLetters': needs('operations:read'),
  'Query.projections': needs('operations:read'),
  'Query.job': needs('jobs:read', 'jobs'),
  'Query.jobs': needs('jobs:read'),
  // Uploads are their owner's; beginning an import takes the rights to what it writes.
  'Query.importFile': signedIn,
  'Mutation.startImport': signedIn,
  'Mutation.retryDeadLetter': needs('operations:update'),
  'Mutation.discardDeadLetter': needs('operations:update'),
  'Mutation.cancelJob': needs('jobs:update', 'jobs'),
  'Mutation.retryJob': needs('jobs:update', 'jobs'),
  'Mutation.handOverUser': needs('users:administer', 'users'),
  'Mutation.eraseSubject': needs('subjects:delete'),
  'Subscription.recordChanged': signedIn,
};

/** The fields that follow from commands and read models. */
function derived(registry: Registry): Map<string, FieldAccess> {
  const fields = new Map<string, FieldAccess>();
  for (const { name, record } of listedModels(registry)) {
    fields.set(`Query.${name}`, needs(`${name}:read`));
    fields.set(`Query.${record}`, needs(`${name}:read`, name));
  }
  for (const command of offeredCommands(registry)) {
    const collection = command.rest.path.split('/')[1]!;
    const addresses = takesId(command) ? collection : undefined;
    fields.set(`Mutation.${camel(command.name)}`, needs(command.permission, addresses));
  }
  return fields;
}

/** Who may use each field a caller can ask for; throws for one without a declared policy. */
export function fieldAccess(
  schema: GraphQLSchema,
  registry: Registry,
): ReadonlyMap<string, FieldAccess> {
  const known = derived(registry);
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const names = roots.flatMap((type) =>
    Object.keys(type?.getFields() ?? {}).map((field) => `${type!.name}.${field}`),
  );
  return new Map(
    names.map((name): [string, FieldAccess] => {
      const access = known.get(name) ?? declared[name];
      if (access) return [name, access];
      throw new Error(`GraphQL: say in field-access.ts who may use ${name}`);
    }),
  );
}

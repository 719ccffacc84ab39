import type { Registry } from '#platform/commands/registry';
import type { GraphqlContext } from './context.js';
import { record, shown } from './record-resolvers.js';
import type { Resolver, SchemaPart } from './resolvers.js';

const sdl = (user: boolean, workspace: boolean) => `
"Who is asking, and what they may do."
type Me {
  id: ID!
  ${user ? 'user: User' : ''}
  "Every permission and how far it reaches."
  grants: [Grant!]!
}
type Grant {
  "Collection and action, for example deals:update."
  permission: String!
  scope: Scope!
}
"All records, those of the own teams, or the own ones."
enum Scope { all team own }
extend type Query {
  me: Me!
  ${workspace ? '"The workspace of the caller."\n  workspace: Tenant' : ''}
}
`;

/** The caller and their workspace. */
export function accountPart(registry: Registry): SchemaPart {
  const users = registry.readModels.get('users');
  const tenants = registry.readModels.get('tenants');
  const me = (_: unknown, _args: unknown, { caller }: GraphqlContext) => ({
    id: caller.actor.id,
    grants: Object.entries(caller.grants).map(([permission, scope]) => ({ permission, scope })),
  });
  const user: Resolver = async (_: unknown, _args: unknown, { platform, caller }) => {
    // Everybody may see themselves, whatever their role says about people.
    const row = await platform.reader.live(caller.tenantId, users!, caller.actor.id);
    return row && shown(users!, row);
  };
  const workspace: Resolver = (_: unknown, _args: unknown, context) =>
    record(tenants!, { id: context.caller.tenantId }, context);
  return {
    sdl: sdl(users !== undefined, tenants !== undefined),
    resolvers: {
      Query: { me, ...(tenants ? { workspace } : {}) },
      ...(users ? { Me: { user } } : {}),
    },
  };
}

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
  "Fields that are not seen or not changed; every other field is open."
  fields: [FieldRights!]!
  "Permissions that the plan of the workspace withholds from everybody."
  withheld: [Withheld!]!
}
type Withheld {
  permission: String!
  "What the plan lacks."
  message: String!
  remedy: String
}
type FieldRights {
  "Type of the records: contact."
  record: String!
  hidden: [String!]!
  "Fields that are not changed, hidden ones included."
  locked: [String!]!
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
    fields: Object.entries(caller.fields ?? {}).map(([name, rights]) => ({
      record: name,
      ...rights,
    })),
    withheld: Object.entries(caller.withheld ?? {}).map(([permission, { message, details }]) => ({
      permission,
      message,
      remedy: details[0]?.remedy,
    })),
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

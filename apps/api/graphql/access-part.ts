import { scopeOf } from '#kernel/context';
import { explainFor, roleCatalogue } from '../rest/access-explain.js';
import { forbidden } from '../rest/endpoint.js';
import type { GraphqlContext } from './context.js';
import { badArgument, orThrow } from './errors.js';
import { pointInTime } from '#platform/projections/zone';
import type { SchemaPart } from './resolvers.js';

const sdl = `
"Whether a person may or might do something, and by which role, team, ownership or share."
type AccessExplanation {
  allowed: Boolean!
  "every_record, own_record, team_record, shared_record, some_records, or why not."
  reason: String!
  "One sentence for people."
  message: String!
  userId: ID!
  action: String!
  at: DateTime!
  "The widest scope of the permission; null without it."
  scope: Scope
  sources: [AccessSource!]!
  record: AccessRecord
  "Teams the person and the record's owner share."
  teams: [AccessTeam!]!
  "What opens the record to them, where it is a share."
  share: AccessShare
}
"A share of a record with the person or, named, with one of their teams."
type AccessShare {
  "user or team."
  granteeType: String!
  granteeId: ID!
  "read or change."
  access: String!
  until: DateTime
  team: String
}
"A role that grants the permission; the id is that of a role of the workspace's own."
type AccessSource {
  kind: String!
  id: ID
  name: String!
  scope: Scope!
}
type AccessRecord {
  type: RecordType!
  id: ID!
  ownerId: ID
}
type AccessTeam {
  id: ID!
  name: String!
}
"What roles can be made of."
type RoleCatalogue {
  "Every permission there is."
  permissions: [String!]!
  "The roles every workspace has."
  roles: [SystemRole!]!
  "The fields a role can be kept from."
  fields: [LimitableFields!]!
}
type LimitableFields {
  collection: String!
  "Fields that can be hidden."
  hideable: [String!]!
  "Fields that can be made read-only."
  lockable: [String!]!
}
type SystemRole {
  name: String!
  description: String!
  grants: [Grant!]!
}
extend type Query {
  "Everybody may ask about themselves; about others it takes users:administer."
  explainAccess(
    "The caller when left out."
    userId: ID
    "The permission: deals:update."
    action: String!
    "A record of the collection."
    recordId: ID
    "An instant, or the end of a day; now when left out."
    at: DateTime
  ): AccessExplanation!
  roleCatalogue: RoleCatalogue!
}
`;

interface Arguments {
  readonly userId?: string | null;
  readonly action: string;
  readonly recordId?: string | null;
  readonly at?: unknown;
}

async function explainAccess(_: unknown, args: Arguments, { platform, caller }: GraphqlContext) {
  const { userId, action, recordId, at: given } = args;
  const at = given === null || given === undefined ? undefined : String(given);
  const instant = at === undefined ? undefined : pointInTime(at, caller.timeZone);
  if (at !== undefined && !instant) {
    throw badArgument('at', 'instant', 'at is neither an instant nor a day.');
  }
  return orThrow(
    await explainFor(platform, caller, {
      user: userId ?? undefined,
      action,
      record: recordId ?? undefined,
      at: instant,
    }),
  );
}

function catalogue(_: unknown, _args: unknown, { caller }: GraphqlContext) {
  if (!scopeOf(caller.grants, 'roles:read')) orThrow(forbidden('roles:read'));
  return roleCatalogue();
}

/** Who may do what and why, and what roles can be made of. */
export function accessPart(): SchemaPart {
  return { sdl, resolvers: { Query: { explainAccess, roleCatalogue: catalogue } } };
}

import { scopeOf } from '#kernel/context';
import type { Registry } from '#platform/commands/registry';
import { workspaceProjections } from '#platform/operations/workspace-projections';
import { forbidden } from '../rest/endpoint.js';
import type { GraphqlContext } from './context.js';
import { orThrow } from './errors.js';
import type { SchemaPart } from './resolvers.js';

const sdl = `
"Whether a read model shows all there is, will soon, lacks records, or stands still."
enum ProjectionStatus { current behind parked stopped }
"How far a read model is behind the events of this workspace."
type Projection {
  name: String!
  "The records it shows: deal."
  record: String!
  version: Int!
  status: ProjectionStatus!
  "Events it has not applied yet."
  lagEvents: Int!
  "Whether there may be more than were counted."
  lagCapped: Boolean!
  "Age of the first of them, in seconds."
  lagSeconds: Float!
  "Events that were set aside."
  deadLetterCount: Int!
  "The records they belong to, the longest waiting first, at most fifty."
  deadLetters: [DeadLetter!]!
}
"A record a read model set aside, and the event that is to blame."
type DeadLetter {
  record: String!
  recordId: ID!
  "Of the event that cannot be applied."
  revision: Int!
  eventType: String!
  reason: String!
  "Events of the record that wait, this one among them."
  events: Int!
  parkedAt: DateTime!
}
extend type Query {
  "How far the read models are, for administrators."
  projections: [Projection!]!
}
`;

const PERMISSION = 'operations:read';

/** What administrators see of how their workspace is served. */
export function operationsPart(registry: Registry): SchemaPart {
  const models = [...registry.readModels.values()];
  const projections = async (_: unknown, _args: unknown, { platform, caller }: GraphqlContext) => {
    if (!scopeOf(caller.grants, PERMISSION)) orThrow(forbidden(PERMISSION));
    const all = await workspaceProjections(platform.database, caller.tenantId, models);
    return all.map((one) => ({ ...one, deadLetters: one.deadLetters.map(shown) }));
  };
  return { sdl, resolvers: { Query: { projections } } };
}

/** Instants are text in GraphQL. */
function shown<Letter extends { readonly parkedAt: Date }>(letter: Letter) {
  return { ...letter, parkedAt: letter.parkedAt.toISOString() };
}

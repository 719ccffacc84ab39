import { scopeOf } from '#kernel/context';
import type { Registry } from '#platform/commands/registry';
import { validate } from '#platform/commands/validation';
import { workspaceDeadLetters } from '#platform/operations/dead-letters';
import { workspaceProjections } from '#platform/operations/workspace-projections';
import { forbidden } from '../rest/endpoint.js';
import {
  discardFor,
  discardInput,
  retryFor,
  type DeadLetterPlace,
  type DiscardInput,
} from '../rest/operations-dead-letters.js';
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
  "The rebuild that is under way or was left."
  rebuild: ProjectionRebuild
}
enum RebuildState { waiting running stopped cancelled }
type ProjectionRebuild {
  state: RebuildState!
  "How much of the log it has read, from 0 to 1."
  share: Float!
}
"A record a processor set aside, and the event that is to blame."
type DeadLetter {
  "Name of a read model, or saga: and that of a saga or policy."
  processor: String!
  streamId: String!
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
type DeadLetters {
  "The longest waiting first, at most five hundred."
  records: [DeadLetter!]!
  "Records that are parked, one for each processor."
  streams: Int!
  "Events that wait."
  events: Int!
}
"What came of a retry or a discard."
type FreedDeadLetter {
  processor: String!
  streamId: String!
  "Whether nothing of the record is parked any more."
  freed: Boolean!
  "Events that were applied or handled."
  handled: Int!
  "What holds it up now."
  deadLetter: DeadLetter
}
union FreedDeadLetterResult = FreedDeadLetter | Refused
extend type Mutation {
  "Applies the events of a parked record in their order; it then goes on with the others."
  retryDeadLetter(processor: String!, streamId: String!): FreedDeadLetterResult!
  "Leaves the event to blame out for good, in rebuilds too, and goes on with those behind it."
  discardDeadLetter(
    processor: String!
    streamId: String!
    "Of the event to blame; another one is refused."
    revision: Int!
    "Why, for the record; 1 to 500 characters."
    note: String!
  ): FreedDeadLetterResult!
}
extend type Query {
  "What read models and sagas set aside, for administrators."
  deadLetters: DeadLetters!
  "How far the read models are, for administrators."
  projections: [Projection!]!
}
`;

/** Throws for those who may not; `update` is to free what was set aside. */
function mustBeAllowed({ caller }: GraphqlContext, action: 'read' | 'update'): void {
  const permission = `operations:${action}`;
  if (!scopeOf(caller.grants, permission)) orThrow(forbidden(permission));
}

/** What administrators see of how their workspace is served, and what they free. */
export function operationsPart(registry: Registry): SchemaPart {
  const models = [...registry.readModels.values()];
  return {
    sdl,
    resolvers: {
      Query: {
        projections: async (_: unknown, _args: unknown, context: GraphqlContext) => {
          mustBeAllowed(context, 'read');
          const { platform, caller } = context;
          const all = await workspaceProjections(platform.database, caller.tenantId, models);
          return all.map((one) => ({ ...one, deadLetters: one.deadLetters.map(shown) }));
        },
        deadLetters: async (_: unknown, _args: unknown, context: GraphqlContext) => {
          mustBeAllowed(context, 'read');
          const { platform, caller } = context;
          const all = await workspaceDeadLetters(platform.database, caller.tenantId, models);
          return { ...all, records: all.records.map(shown) };
        },
      },
      Mutation: {
        retryDeadLetter: async (_: unknown, input: DeadLetterPlace, context: GraphqlContext) => {
          mustBeAllowed(context, 'update');
          return result(await retryFor(context.platform, context.caller, input));
        },
        discardDeadLetter: async (_: unknown, input: DiscardInput, context: GraphqlContext) => {
          mustBeAllowed(context, 'update');
          const invalid = validate(discardInput, input);
          return result(invalid ?? (await discardFor(context.platform, context.caller, input)));
        },
      },
    },
  };
}

function result(outcome: Awaited<ReturnType<typeof retryFor>>): object {
  if ('refused' in outcome) return { ...outcome, __typename: 'Refused' };
  const { deadLetter } = outcome;
  return {
    ...outcome,
    deadLetter: deadLetter && shown(deadLetter),
    __typename: 'FreedDeadLetter',
  };
}

/** Instants are text in GraphQL. */
function shown<Letter extends { readonly parkedAt: Date }>(letter: Letter) {
  return { ...letter, parkedAt: letter.parkedAt.toISOString() };
}

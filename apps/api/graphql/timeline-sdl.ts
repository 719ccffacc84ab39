const FILTER = `
"Which entries of the timeline; all of these hold."
input TimelineFilter {
  "Together with recordId: entries of one record."
  recordType: RecordType
  recordId: ID
  "Also entries of notes, tasks and deals that belong to the record."
  includeRelated: Boolean
  recordTypes: [RecordType!]
  "A user id, or the name of a process."
  actorId: String
  actions: [String!]
  "Entries that changed this field."
  field: String
  correlationId: String
  "Text in labels and changes."
  search: String
  from: DateTime
  to: DateTime
}
`;

/** The timeline in the schema; people are shown when there are any. */
export const timelineSdl = (people: boolean) => `${FILTER}
"One change of one record: who, when, what from and to, and why."
type TimelineEntry {
  id: ID!
  recordType: String!
  recordId: ID!
  recordLabel: String
  record: Record
  relatedType: String
  relatedId: ID
  revision: Int!
  eventType: String!
  "created, updated, won, and so on."
  action: String!
  actor: Actor!
  changes: [FieldChange!]!
  commandId: ID!
  correlationId: String!
  causationId: String
  requestId: String
  ip: String
  userAgent: String
  occurredAt: DateTime!
  recordedAt: DateTime!
}
type FieldChange {
  field: String!
  from: JSON
  to: JSON
}
"A person, or a process of the product."
type Actor {
  type: String!
  id: String!
  ${people ? 'user: User' : ''}
}
type TimelineConnection {
  nodes: [TimelineEntry!]!
  pageInfo: PageInfo!
}
type TimelineStatistics {
  total: Int!
  byAction: [ActionCount!]!
  byRecordType: [RecordTypeCount!]!
  byActor: [ActorCount!]!
  "By day of the workspace."
  byDay: [DayCount!]!
}
type ActionCount {
  action: String!
  count: Int!
}
type RecordTypeCount {
  recordType: String!
  count: Int!
}
type ActorCount {
  actor: Actor!
  count: Int!
}
type DayCount {
  day: Date!
  count: Int!
}
extend type Query {
  "Everything that happened in the workspace, latest first. Needs timeline:read."
  timeline(
    first: Int = 20
    after: String
    filter: TimelineFilter
    "Oldest first."
    ascending: Boolean = false
    asOf: String
    knownAt: String
    atLeast: String
  ): TimelineConnection!
  timelineStatistics(
    filter: TimelineFilter
    asOf: String
    knownAt: String
    atLeast: String
  ): TimelineStatistics!
}
`;

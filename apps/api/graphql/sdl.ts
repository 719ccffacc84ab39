import type { Registry } from '#platform/commands/registry';
import { commandSdl } from './sdl-commands.js';
import { recordSdl } from './sdl-records.js';
import { TypeWriter } from './sdl-types.js';

/** Types whatever the product consists of. */
const FOUNDATION = `
"A calendar day: YYYY-MM-DD."
scalar Date
"An instant in RFC 3339, for example 2026-03-01T09:30:00Z. Filters also take a day, which means its end."
scalar DateTime
"A whole number of any size, as text; numbers are taken as well."
scalar BigInt
"Any JSON value."
scalar JSON

"Whether a list shows records in a stage of their life."
enum Presence { exclude include only }
enum SortDirection { asc desc }

type PageInfo {
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
  endCursor: String
}

"Something worth knowing that did not stop a command."
type Warning {
  code: String!
  message: String!
  records: [WarningRecord!]!
}
type WarningRecord {
  id: ID!
}

"The command was not carried out; nothing was stored."
type Refused {
  code: String!
  category: RefusalCategory!
  message: String!
  details: [RefusalDetail!]!
}
"Why: the form of the input, rights, a missing record, a concurrent change, a rule, a limit."
enum RefusalCategory { shape unauthenticated forbidden missing conflict precondition rule limit }
type RefusalDetail {
  "Field of the input, or argument."
  field: String
  rule: String
  message: String!
  "How to mend it."
  remedy: String
  value: JSON
}
`;

/** What the arguments mean that questions share. */
const QUERY = `"""
Questions. Those that take them share these arguments:
- first: records per page, at most 100; after: the cursor of the last one seen, with the same sort.
- filter: all of it holds; search: text in the fields the record is searched by.
- asOf: as it was at this instant, or at the end of this day of the workspace.
- knownAt: as it was known at this instant; later corrections of the past are left out.
- atLeast: waits until the position of a command's answer is visible, or several of them, separated
  by commas, at most two seconds.
- revision: as it was after this many of its events.
- archived, deleted: whether such records are left out, shown as well, or shown alone.
- exactCount: counts beyond 10,000.
"""`;

/** What a part of the API adds beside the records and commands. */
export interface SdlPart {
  readonly sdl: string;
}

/** The published schema of a product: deterministic, in the order of its declarations. */
export function productSdl(registry: Registry, parts: readonly SdlPart[]): string {
  const types = new TypeWriter();
  const queries = recordSdl(types, registry);
  const mutations = commandSdl(types, registry);
  const records = [...registry.readModels.values()].map(({ record }) => `  ${record}`);
  types.define('enum', 'RecordType', records);
  return [
    `${QUERY}\ntype Query {\n${queries.join('\n')}\n}`,
    `type Mutation {\n${mutations.join('\n')}\n}`,
    FOUNDATION,
    types.sdl,
    ...parts.map(({ sdl }) => sdl),
  ].join('\n\n');
}

import { isRefusal, type Refusal } from '#kernel/refusal';
import type { GraphqlContext } from './context.js';
import { orThrow } from './errors.js';
import { jobResult } from './job-part.js';
import type { SchemaPart } from './resolvers.js';

const sdl = `
"An uploaded file, what its columns look like and what they are likely meant for."
type ImportFile {
  id: ID!
  name: String!
  bytes: Float!
  "What the rows are: contacts."
  type: String!
  dialect: ImportDialect!
  "Rows, counted in its beginning and carried on to its size."
  rowsEstimate: Int!
  columns: [ImportColumn!]!
  fields: [ImportField!]!
  "Fields a record is best recognised by."
  keyGuess: [String!]!
}
type ImportDialect {
  "utf-8, utf-16le, utf-16be or windows-1252."
  encoding: String!
  delimiter: String!
  header: Boolean!
}
type ImportColumn {
  name: String!
  samples: [String!]!
  "Share of the first rows that have a value, from 0 to 1."
  filled: Float!
  guess: ImportGuess!
  "Ways in which its values can be read."
  formats: [String!]!
}
type ImportGuess {
  field: String
  format: String
}
type ImportField {
  name: String!
  title: String!
  kind: String!
  required: Boolean!
  choices: [ImportChoice!]
  lookup: ImportLookup
}
type ImportChoice {
  value: String!
  title: String!
}
"The records a field names, and the fields they are found by."
type ImportLookup {
  type: String!
  by: [String!]!
}
"What becomes of an uploaded file; everything left out is guessed."
input StartImportInput {
  type: String!
  fileId: ID!
  "Column → { field, format, aliases, by, missing: error | create | empty }, or null."
  mapping: JSON
  "Fields a record is recognised by; empty: each row is a new record."
  key: [String!]
  "{ encoding, delimiter }; as it was found when left out."
  dialect: JSON
  "Of amounts that name none (ISO 4217); the workspace's when left out."
  currency: String
  "Decides everything and changes nothing."
  dryRun: Boolean
}
extend type Query {
  "An upload, or null when there is none of the caller's; files are uploaded over REST."
  importFile(
    id: ID!
    "Read it in this encoding; as it was found when left out."
    encoding: String
    "Read it with this delimiter; as it was found when left out."
    delimiter: String
  ): ImportFile
}
extend type Mutation {
  "Begins the import of an upload as a job."
  startImport(input: StartImportInput!): JobResult!
}
`;

interface StartArguments {
  readonly input: Readonly<Record<string, unknown>> & {
    readonly type: string;
    readonly fileId: string;
  };
}

function importsOf({ imports }: GraphqlContext) {
  if (!imports) throw new Error('no imports are offered here');
  return imports;
}

interface FileArguments {
  readonly id: string;
  readonly encoding?: string | null;
  readonly delimiter?: string | null;
}

async function importFile(_: unknown, args: FileArguments, context: GraphqlContext) {
  const { id, encoding, delimiter } = args;
  const change = { ...(encoding ? { encoding } : {}), ...(delimiter ? { delimiter } : {}) };
  const found = await importsOf(context).file(context.caller, id, change);
  if (isRefusal(found) && (found as Refusal).category === 'missing') return null;
  return orThrow(found);
}

async function startImport(_: unknown, { input }: StartArguments, context: GraphqlContext) {
  const { type, fileId, ...rest } = input;
  // Here null says the same as leaving it out.
  const asked = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return jobResult(context, await importsOf(context).start(context.caller, type, fileId, asked));
}

/** Imports of uploaded files; the upload itself is a matter of REST. */
export function importPart(): SchemaPart {
  return { sdl, resolvers: { Query: { importFile }, Mutation: { startImport } } };
}

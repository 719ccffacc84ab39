import { beginHandOver } from '../rest/hand-over.js';
import type { GraphqlContext } from './context.js';
import { jobResult } from './job-part.js';
import type { SchemaPart } from './resolvers.js';

const sdl = `
extend type Mutation {
  "Begins a job that gives companies, contacts, deals and open tasks of a person to another one."
  handOverUser(
    id: ID!
    toUserId: ID!
    "Shuts the person out first."
    deactivate: Boolean
    "Another owner who stays, where an owner leaves."
    remainingOwnerId: ID
  ): JobResult!
}
`;

interface Arguments {
  readonly id: string;
  readonly toUserId: string;
  readonly deactivate?: boolean | null;
  readonly remainingOwnerId?: string | null;
}

async function handOverUser(
  _: unknown,
  { id, toUserId, deactivate, remainingOwnerId }: Arguments,
  context: GraphqlContext,
) {
  const job = await beginHandOver(context.platform, context.caller, id, {
    toUserId,
    ...(deactivate ? { deactivate } : {}),
    ...(remainingOwnerId ? { remainingOwnerId } : {}),
  });
  context.standingChanged?.();
  return jobResult(context, job);
}

/** Handing the records of somebody who leaves over. */
export function handOverPart(): SchemaPart {
  return { sdl, resolvers: { Mutation: { handOverUser } } };
}

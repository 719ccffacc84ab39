import { beginErasure, type ErasureAsked } from '../rest/erasure.js';
import type { GraphqlContext } from './context.js';
import { jobResult } from './job-part.js';
import type { SchemaPart } from './resolvers.js';

const sdl = `
enum ErasureReason { request consent_withdrawn no_longer_needed unlawful legal_duty }
extend type Mutation {
  "Begins a job that destroys the personal data kept under an id, for ever."
  eraseSubject(
    id: ID!
    "The id once more: nothing brings the data back."
    confirm: ID!
    reason: ErasureReason!
    "Number of the request; no personal data."
    reference: String
  ): JobResult!
}
`;

type Arguments = ErasureAsked & { readonly id: string };

async function eraseSubject(_: unknown, { id, ...asked }: Arguments, context: GraphqlContext) {
  const { reference, ...rest } = asked;
  // Here null says the same as leaving it out.
  const given = { ...rest, ...(reference === null ? {} : { reference }) };
  const unproven = await context.stepUp?.();
  return jobResult(
    context,
    unproven ?? (await beginErasure(context.platform, context.caller, id, given)),
  );
}

/** Erasing people. */
export function erasurePart(): SchemaPart {
  return { sdl, resolvers: { Mutation: { eraseSubject } } };
}

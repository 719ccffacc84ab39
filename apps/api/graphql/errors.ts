import { GraphQLError } from 'graphql';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';

/** Codes GraphQL clients know; every other refusal keeps its own. */
const CODES: Partial<Record<Refusal['category'], string>> = {
  shape: 'BAD_USER_INPUT',
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
};

/** A refused question; commands answer with `Refused` instead. */
export class RefusedQuery extends GraphQLError {
  constructor(readonly refused: Refusal) {
    const { category, code, message, details } = refused;
    super(message, { extensions: { code: CODES[category] ?? code, category, details } });
  }
}

/** The answer of a question, or the error that says why there is none. */
export function orThrow<Answer>(answer: Answer | Refusal): Answer {
  if (isRefusal(answer)) throw new RefusedQuery(answer);
  return answer as Answer;
}

/** A problem with one argument of a question. */
export function badArgument(field: string, rule: string, message: string, remedy?: string) {
  const detail = { field, rule, message, ...(remedy ? { remedy } : {}) };
  return new RefusedQuery(refusal('VALIDATION_ERROR', 'shape', message, [detail]));
}

import { GraphQLError, type FormattedExecutionResult } from 'graphql';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { statusOf } from '../http/answers.js';
import { known } from '../http/errors.js';

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

const SURPRISE = 'Something went wrong on our side; the request id helps us to find it.';

/** Rethrows what a subscriber may read; anything else is logged and says nothing of its inside. */
export function concealed({ log }: { readonly log?: (error: unknown) => void }) {
  return (error: unknown): never => {
    if (error instanceof GraphQLError) throw error;
    log?.(error);
    throw new GraphQLError(SURPRISE, { extensions: { code: 'INTERNAL_ERROR' } });
  };
}

/** An error as it is answered, and the status it has when nothing else is answered. */
interface Answered {
  readonly error: GraphQLError;
  readonly code: string;
  readonly status: number;
  readonly message?: string;
  readonly extensions?: object;
}

/** Mercurius wraps what a request is refused for; these are the errors inside. */
function unwrapped(error: GraphQLError): readonly GraphQLError[] {
  const inner = (error.originalError as { errors?: readonly Error[] } | undefined)?.errors;
  if (!inner) return [error];
  const { code } = error.originalError as { code?: string };
  return inner.map((one) => {
    if (one instanceof GraphQLError) return one;
    const originalError = Object.assign(new Error(one.message), { code });
    return new GraphQLError(one.message, { originalError });
  });
}

const refused = (error: GraphQLError, code: string): Answered => ({ error, code, status: 400 });

/** What graphql itself finds wrong with a request, by the words it says so with. */
function ofGraphql(error: GraphQLError): Answered {
  const { message } = error;
  if (message.startsWith('Syntax Error')) return refused(error, 'GRAPHQL_PARSE_FAILED');
  const input = /^(Variable|Argument) "/.test(message);
  return refused(error, input ? 'BAD_USER_INPUT' : 'GRAPHQL_VALIDATION_FAILED');
}

const MERCURIUS: Readonly<Record<string, readonly [number, string]>> = {
  MER_ERR_METHOD_NOT_ALLOWED: [405, 'METHOD_NOT_ALLOWED'],
  MER_ERR_GQL_VALIDATION: [400, 'BAD_REQUEST'],
  MER_ERR_GQL_PERSISTED_QUERY_NOT_FOUND: [400, 'PERSISTED_QUERY_NOT_FOUND'],
  MER_ERR_GQL_PERSISTED_QUERY_NOT_SUPPORTED: [400, 'PERSISTED_QUERY_NOT_SUPPORTED'],
  MER_ERR_GQL_PERSISTED_QUERY_MISMATCH: [400, 'BAD_REQUEST'],
};

function classified(error: GraphQLError): Answered {
  const { code } = error.extensions;
  if (typeof code === 'string' && !(code in MERCURIUS)) {
    const status = code === 'UNAUTHENTICATED' ? 401 : 400;
    return { error, code, status, extensions: error.extensions };
  }
  const original = error.originalError as (Error & { code?: string }) | undefined;
  const own = MERCURIUS[original?.code ?? ''];
  if (own) return { error, status: own[0], code: own[1] };
  const cause = original instanceof GraphQLError ? original : undefined;
  const ours = cause?.message.includes('cannot represent');
  if (!original || (cause && !ours)) {
    // An answer that does not fit the schema is our mistake, though graphql says it.
    return error.path && !cause ? surprise(error) : ofGraphql(error);
  }
  const found = known(original);
  if (!found) return surprise(error);
  const { refused: why, status = statusOf[why.category] } = found;
  const name = why.code === 'VALIDATION_ERROR' ? 'BAD_USER_INPUT' : why.code;
  const { message, details } = why;
  return { error, status, code: name, message, extensions: { details } };
}

function surprise(error: GraphQLError): Answered {
  return { error, code: 'INTERNAL_ERROR', status: 500, message: SURPRISE };
}

interface FormatterContext {
  readonly reply?: {
    readonly request: {
      readonly id: string;
      readonly log: { error(details: object, message: string): void };
    };
  };
}

/** How errors are answered: message, place, code and request id; never what happened inside. */
export function errorFormatter(suggestions: boolean) {
  return (
    execution: { readonly data?: unknown; readonly errors?: readonly GraphQLError[] },
    context: FormatterContext,
  ): { statusCode: number; response: FormattedExecutionResult } => {
    const request = context.reply?.request;
    const answered = (execution.errors ?? []).flatMap(unwrapped).map(classified);
    for (const { error, status } of answered) {
      if (status < 500) continue;
      request?.log.error({ err: error.originalError ?? error }, 'GraphQL field failed');
    }
    const errors = answered.map(({ error, code, message = error.message, extensions }) => ({
      message: suggestions ? message : message.replace(/ ?Did you mean [^?]*\?/g, ''),
      ...(error.locations ? { locations: error.locations } : {}),
      ...(error.path ? { path: error.path } : {}),
      extensions: { ...extensions, code, ...(request ? { requestId: request.id } : {}) },
    }));
    // What a field refuses is part of an answer; what the request is refused for has its status.
    const whole = answered.find(({ error, status }) => !error.path || status >= 500);
    const statusCode = execution.data || !whole ? 200 : whole.status;
    return { statusCode, response: { data: (execution.data ?? null) as null, errors } };
  };
}

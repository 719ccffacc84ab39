import type { FastifyReply, FastifyRequest } from 'fastify';
import { refusal, type Refusal, type RefusalCategory } from '#kernel/refusal';

/** Where a category of refusal becomes an HTTP status; nowhere else. */
export const statusOf: Readonly<Record<RefusalCategory, number>> = {
  shape: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  precondition: 412,
  rule: 422,
  limit: 429,
};

export interface AnswerMeta {
  readonly timestamp: string;
  readonly requestId: string;
  readonly [more: string]: unknown;
}

/** The envelope of every JSON answer. */
export interface Success<Data = unknown> {
  readonly success: true;
  readonly data: Data;
  readonly pagination?: object;
  readonly meta: AnswerMeta;
}
export interface Failure {
  readonly success: false;
  readonly error: Pick<Refusal, 'code' | 'message' | 'details'>;
  readonly meta: AnswerMeta;
}

export function metaOf(request: Pick<FastifyRequest, 'id'>, more: object = {}): AnswerMeta {
  return { timestamp: new Date().toISOString(), requestId: request.id, ...more };
}

export function success<Data>(request: FastifyRequest, data: Data, more?: object): Success<Data> {
  return { success: true, data, meta: metaOf(request, more) };
}

export function failure(request: Pick<FastifyRequest, 'id'>, refused: Refusal): Failure {
  const { code, message, details } = refused;
  return { success: false, error: { code, message, details }, meta: metaOf(request) };
}

/** What asks a client for a fresh proof of who sits there (RFC 9470), whichever API it uses. */
export const proofNeeded = {
  'www-authenticate':
    'Bearer realm="clientforge", error="insufficient_user_authentication", max_age="600"',
} as const;

/** Answers a refusal; a few statuses carry a header that says what to do next. */
export function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refused: Refusal,
  status: number = statusOf[refused.category],
): FastifyReply {
  if (status === 401) {
    const invalid = request.headers.authorization ? ', error="invalid_token"' : '';
    reply.header('www-authenticate', `Bearer realm="clientforge"${invalid}`);
  }
  if (refused.code === 'STEP_UP_REQUIRED') reply.headers(proofNeeded);
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('x-request-id', request.id)
    .type('application/json; charset=utf-8')
    .send(failure(request, refused));
}

/** A refusal that was thrown to leave several functions at once; never for rules of the domain. */
export class RefusedError extends Error {
  constructor(
    readonly refused: Refusal,
    readonly status?: number,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(refused.message);
  }
}

/** The holder of a good token, whose account is no longer one that may sign in. */
export const shutOut = refusal(
  'UNAUTHENTICATED',
  'unauthenticated',
  'This account may not sign in at present.',
  [
    {
      field: 'Authorization',
      rule: 'account',
      message: 'The account of this access token is closed or suspended.',
      remedy: 'Ask an administrator of the workspace.',
    },
  ],
);

export const unauthenticated = (message = 'Sign in and send the access token.') =>
  refusal('UNAUTHENTICATED', 'unauthenticated', message, [
    {
      field: 'Authorization',
      rule: 'token',
      message: 'There is no valid access token.',
      remedy: 'Sign in at POST /api/v1/auth/login and send Authorization: Bearer <accessToken>.',
    },
  ]);

export const noSuchRoute = (request: FastifyRequest) =>
  refusal(
    'ROUTE_NOT_FOUND',
    'missing',
    `There is no ${request.method} ${request.url.split('?', 1)[0]}.`,
    [{ rule: 'route', message: 'See /dev for every endpoint.' }],
  );

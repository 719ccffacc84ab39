import type { FastifyReply, FastifyRequest } from 'fastify';
import { refusal, type Refusal } from '#kernel/refusal';
import { PasswordQueueFullError } from '#platform/auth/password';
import { noSuchRoute, RefusedError, sendRefusal } from './answers.js';

interface Thrown {
  readonly message?: string;
  readonly code?: string;
  readonly statusCode?: number;
  getStatus?(): number;
}

export interface Known {
  readonly status: number;
  readonly refused: Refusal;
  readonly headers?: Readonly<Record<string, string>>;
}

const shape = (code: string, message: string, remedy?: string) =>
  refusal(code, 'shape', message, [
    { field: 'body', rule: 'body', message, ...(remedy ? { remedy } : {}) },
  ]);

/** What the HTTP server itself refuses, in our words. */
const ofServer: Readonly<Record<string, (error: Thrown) => Known>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => ({
    status: 413,
    refused: shape('BODY_TOO_LARGE', 'The body is larger than allowed.', 'Send less at once.'),
  }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => ({
    status: 415,
    refused: shape(
      'UNSUPPORTED_MEDIA_TYPE',
      'The content type is not supported.',
      'Send Content-Type: application/json.',
    ),
  }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => ({
    status: 400,
    refused: shape('MALFORMED_JSON', 'The body is empty.', 'Send {} or no Content-Type.'),
  }),
  FST_ERR_CTP_INVALID_JSON_BODY: ({ message }) => ({
    status: 400,
    refused: shape('MALFORMED_JSON', message ?? 'The body is not JSON.', 'Send valid JSON.'),
  }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => ({
    status: 400,
    refused: shape('MALFORMED_REQUEST', 'The body is not as long as Content-Length says.'),
  }),
};

/** Codes of PostgreSQL and of the connection to it that pass by themselves. */
const unavailable = /^(57P0[123]|53[0-9A-Z]{3}|08[0-9A-Z]{3}|40001|40P01|ECONN|ETIMEDOUT|EPIPE)/;

/** What the driver says, without a code, of a connection that cannot be had or has ended. */
const broken =
  /timeout exceeded when trying to connect|Connection terminated|connection error|Client was closed/;

/** What an error means to the caller, unless it is a surprise. */
export function known(error: unknown): Known | undefined {
  if (error instanceof RefusedError) {
    const { refused, status, headers } = error;
    return { refused, headers, ...(status ? { status } : {}) } as Known;
  }
  const thrown = error as Thrown;
  if (thrown.code && ofServer[thrown.code]) return ofServer[thrown.code]!(thrown);
  const busy = error instanceof PasswordQueueFullError;
  if (busy || broken.test(thrown.message ?? '') || unavailable.test(thrown.code ?? '')) {
    // A connection may break after the commit: only the same request again tells.
    const message =
      'The service is busy or restarting. Try again shortly, with the same Idempotency-Key: then ' +
      'it is carried out once.';
    return {
      status: 503,
      refused: refusal('UNAVAILABLE', 'conflict', message),
      headers: { 'retry-after': '2' },
    };
  }
  if (/^22[0-9A-Z]{3}$/.test(thrown.code ?? '')) {
    // PostgreSQL cannot read a value that passed our own checks: a year 0, a number too large.
    const message = 'A value of the request is out of range.';
    return { status: 400, refused: refusal('VALIDATION_ERROR', 'shape', message) };
  }
  const status = thrown.getStatus?.() ?? thrown.statusCode;
  if (status && status >= 400 && status < 500) {
    const message = 'The request cannot be understood.';
    return { status, refused: refusal('MALFORMED_REQUEST', 'shape', message) };
  }
  return undefined;
}

/** Answers whatever was thrown: known mistakes in our envelope, surprises without their inside. */
export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = (error as Thrown).getStatus?.();
  if (status === 404) return sendRefusal(request, reply, noSuchRoute(request));
  const found = known(error);
  if (found) {
    if (found.status === 503) request.log.warn({ err: error }, 'unavailable');
    if ((error as Thrown).code?.startsWith('22')) request.log.warn({ err: error }, 'out of range');
    return sendRefusal(request, reply.headers(found.headers ?? {}), found.refused, found.status);
  }
  request.log.error({ err: error }, 'request failed');
  const surprise = refusal(
    'INTERNAL_ERROR',
    'conflict',
    'Something went wrong on our side; the request id helps us to find it.',
  );
  return sendRefusal(request, reply, surprise, 500);
}

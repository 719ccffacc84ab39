import type { FastifyRequest } from 'fastify';
import { hashId } from '#kernel/ids';
import { refusal, type Refusal } from '#kernel/refusal';
import type { Caller } from '../http/request-context.js';
import type { Parameter } from './endpoint.js';

type Headers = FastifyRequest['headers'];

const malformed = (field: string, message: string, remedy: string) =>
  refusal('VALIDATION_ERROR', 'shape', message, [{ field, rule: 'header', message, remedy }]);

export function etagOf(revision: unknown): string {
  return `"${String(revision)}"`;
}

/** The revision of `If-Match: "3"`; undefined without the header or for `*`. */
export function expectedRevision(headers: Headers): number | undefined | Refusal {
  const given = headers['if-match'];
  if (given === undefined || given.trim() === '*') return undefined;
  const revision = /^"(\d{1,15})"$/.exec(given.trim())?.[1];
  if (revision !== undefined) return Number(revision);
  return malformed(
    'If-Match',
    'If-Match is not the ETag of a record.',
    'Send the ETag as it was received, for example If-Match: "3".',
  );
}

/** Whether `If-None-Match` holds this entity tag, so that the client has it already. */
export function alreadyHas(headers: Headers, etag: string): boolean {
  const given = headers['if-none-match'];
  if (given === undefined) return false;
  const tags = given.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

/** The preferences of RFC 7240 that are honoured here. */
export function preferencesOf(headers: Headers): {
  readonly respondAsync: boolean;
  readonly minimal: boolean;
} {
  const given = String(headers['prefer'] ?? '').toLowerCase();
  const asked = given.split(/[,;]/).map((one) => one.trim());
  return {
    respondAsync: asked.includes('respond-async'),
    minimal: asked.includes('return=minimal'),
  };
}

/** The value of an Idempotency-Key: a structured string, or its characters without the quotes. */
function idempotencyKey(headers: Headers): string | undefined | Refusal {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  const text = String(given);
  const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"$/.exec(text)?.[1];
  const bare = /^[\w.:~+/=-]{1,255}$/.exec(text)?.[0];
  return (
    quoted ??
    bare ??
    malformed(
      'Idempotency-Key',
      'Idempotency-Key is not a string of 1 to 255 visible characters.',
      'Send a new UUID in double quotes for each new request.',
    )
  );
}

/**
 * The command id an Idempotency-Key stands for: the same key of the same person on the same route
 * is the same command. Undefined without the header.
 */
export function commandIdOf(
  headers: Headers,
  caller: Caller,
  route: string,
): string | undefined | Refusal {
  const key = idempotencyKey(headers);
  if (typeof key !== 'string') return key;
  return hashId('rest', caller.tenantId, caller.actor.id, route, key);
}

const text = { type: 'string' } as const;

/** Headers every write understands, for the documentation. */
export const writeHeaders: readonly Parameter[] = [
  {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'A string of your own, a UUID for example: the same request sent again with it is carried ' +
      'out once and answered alike. Another request with the same key is refused with 422.',
    schema: {
      type: 'string',
      maxLength: 257,
      examples: ['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    },
  },
  {
    name: 'If-Match',
    in: 'header',
    description: 'The ETag you have read: refused with 412 when the record changed since.',
    schema: { ...text, examples: ['"3"'] },
  },
  {
    name: 'Prefer',
    in: 'header',
    description:
      '`respond-async` does not wait for lists to show the change, `return=minimal` answers with ' +
      'the id only.',
    schema: { ...text, examples: ['respond-async'] },
  },
  {
    name: 'X-Causation-Id',
    in: 'header',
    description: 'What led to this request; kept with the events.',
    schema: { ...text, maxLength: 100 },
  },
];

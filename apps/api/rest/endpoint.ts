import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { scopeOf } from '#kernel/context';
import { refusal, type Refusal } from '#kernel/refusal';
import type { RawParameters } from '#platform/projections/list-query';
import type { Caller } from '../http/request-context.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A query parameter or header, as the documentation shows it. */
export interface Parameter {
  readonly name: string;
  readonly in?: 'query' | 'header' | 'path';
  readonly description: string;
  readonly schema: JsonSchema;
  readonly required?: boolean;
}

/** One answer an endpoint gives when all is well. */
export interface DocumentedAnswer {
  readonly status: number;
  readonly description: string;
  /** Schema of `data`; none where the answer has no body. */
  readonly data?: JsonSchema;
  readonly paged?: true;
  readonly headers?: readonly string[];
}

/** One request to an endpoint, already known to come from a caller who may ask. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: RawParameters;
  readonly body: unknown;
}

/** What a handler answers; the envelope is put around it in one place. */
export interface Answer {
  readonly status?: number;
  readonly data?: unknown;
  readonly pagination?: object;
  readonly meta?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the envelope. */
  readonly stream?: Readable;
}

/**
 * Everything about one endpoint in one place: the route, the documentation and the check of rights
 * are made from it.
 */
export interface Endpoint {
  readonly operation: string;
  readonly method: Method;
  /** Below `/api/v1`: `/companies/:id`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /**
   * `open` needs no sign-in, `signed-in` nothing else, `person` somebody at a screen rather than an
   * API key; otherwise a permission, or two of them.
   */
  readonly access:
    'open' | 'signed-in' | 'person' | { readonly permission: string; readonly and?: string };
  /** Dangerous: the caller has to have proved who they are within the last minutes. */
  readonly stepUp?: true;
  /** Query parameters; whatever is not named is refused, except where `anyQuery` checks itself. */
  readonly query?: readonly Parameter[];
  readonly anyQuery?: true;
  readonly headers?: readonly Parameter[];
  readonly body?: JsonSchema;
  /** Takes the bytes of a file as a stream, `only` that or `also` JSON. */
  readonly file?: 'only' | 'also';
  /** Takes a form as browsers send it, and nothing else. */
  readonly form?: true;
  /** Bytes of the largest body, where it is less than what the server takes. */
  readonly bodyLimit?: number;
  readonly example?: unknown;
  readonly answer: DocumentedAnswer;
  /** Codes of refusals beside those every endpoint has: `409 ALREADY_TAKEN`. */
  readonly refusals?: readonly string[];
  handle(call: Call): Promise<Answer | Refusal>;
}

export function forbidden(permission: string): Refusal {
  return refusal('FORBIDDEN', 'forbidden', `Your role does not allow ${permission}.`, [
    {
      rule: 'permission',
      message: `This needs the permission ${permission}.`,
      remedy: 'Ask an administrator of the workspace for a role that has it.',
    },
  ]);
}

/** An API key cannot do what takes a person who has just proved who they are. */
export const personNeeded = refusal(
  'PERSON_NEEDED',
  'forbidden',
  'This takes a person who is signed in, not an API key.',
  [
    {
      field: 'Authorization',
      rule: 'person',
      message: 'API keys may not do this.',
      remedy: 'Sign in at POST /api/v1/auth/login and send the access token.',
    },
  ],
);

/** A refusal unless the caller has the endpoint's permission. */
export function checkAccess(endpoint: Endpoint, caller: Caller): Refusal | undefined {
  const { access, stepUp } = endpoint;
  // No scope of a key says what a person does with their own account.
  if (caller.apiKey && (stepUp || access === 'person')) return personNeeded;
  if (typeof access === 'string') return undefined;
  const lacking = permissionsOf(access).find((one) => !scopeOf(caller.grants, one));
  if (lacking) return forbidden(lacking);
  const withheld = withholdable(endpoint).find((one) => caller.withheld?.[one]);
  return withheld === undefined ? undefined : caller.withheld?.[withheld];
}

/** The permissions an endpoint takes; none where it is open or for everybody. */
export function permissionsOf(access: Endpoint['access']): readonly string[] {
  if (typeof access === 'string') return [];
  return access.and ? [access.permission, access.and] : [access.permission];
}

/** What a plan may withhold of an endpoint: what is there can always be looked at and taken away. */
export function withholdable({ access, method }: Endpoint): readonly string[] {
  const adds = method !== 'GET' && method !== 'DELETE';
  return permissionsOf(access).filter((one) => adds || one.endsWith(':export'));
}

/** A refusal that names the query parameters an endpoint does not have. */
export function unknownParameters(
  endpoint: Pick<Endpoint, 'query' | 'anyQuery'>,
  query: RawParameters,
): Refusal | undefined {
  if (endpoint.anyQuery) return undefined;
  const known = (endpoint.query ?? []).map(({ name }) => name);
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  const repeated = known.filter((name) => Array.isArray(query[name]));
  if (unknown.length + repeated.length === 0) return undefined;
  const details = [
    ...unknown.map((name) => ({
      field: name,
      rule: 'unknown',
      message: `${name} is not a parameter here.`,
      remedy: known.length > 0 ? `Use ${known.join(', ')}.` : 'Leave it out.',
    })),
    ...repeated.map((name) => ({
      field: name,
      rule: 'single',
      message: `${name} was given more than once.`,
      remedy: 'Give it once.',
    })),
  ];
  return refusal('VALIDATION_ERROR', 'shape', details[0]!.message, details);
}

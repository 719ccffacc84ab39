import { withheldBy } from '#identity/tenant/features';
import type { Registry } from '#platform/commands/registry';
import { FORM_TYPE } from '../auth/sso/form-body.js';
import { VERSION } from '../health/product-version.js';
import {
  permissionsOf,
  withholdable,
  type DocumentedAnswer,
  type Endpoint,
  type JsonSchema,
  type Parameter,
} from '../rest/endpoint.js';
import { ref } from '../rest/schemas.js';
import { componentSchemas } from './components.js';
import { exampleOf } from './examples.js';
import { SharedParts } from './shared-parts.js';

export interface OpenApi {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly servers: readonly object[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly security: readonly object[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, JsonSchema>;
    readonly securitySchemes: object;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { schema: JsonSchema; example?: unknown }>>;
  };
  readonly responses: Record<string, JsonSchema>;
  readonly security?: readonly object[];
  readonly 'x-permissions'?: readonly string[];
}

const TAGS: Readonly<Record<string, string>> = {
  auth: 'Signing in and out.',
  'api-keys': 'Keys programs sign their requests with.',
  scim: 'Directories that add, change and shut out people.',
  workspace: 'The workspace itself.',
  imports: 'Files to be brought in, and what becomes of their columns.',
  timeline: 'What happened, and who looked at what.',
  events: 'What the events of the log say, version by version.',
  audit: 'Proof that the log is what was written.',
  subjects: 'People whose personal data is kept.',
  jobs: 'Work that outlives a request.',
  operations: 'How the workspace is served.',
};

const MEANINGS: Readonly<Record<string, string>> = {
  '304': 'Not changed since the ETag you have.',
  '400': 'The request does not have the declared shape; `details` name every field.',
  '401': 'There is no valid access token.',
  '403': 'The role or the plan does not allow it, or it needs a recent proof of who you are.',
  '404': 'There is no such record in this workspace.',
  '409': 'A concurrent change, a duplicate, or a value in use.',
  '412': 'The record changed since the revision in If-Match.',
  '413': 'The body is larger than allowed.',
  '415': 'The body is not application/json.',
  '422': 'A rule of the business, or an Idempotency-Key used for another request.',
  '429': 'Too many attempts.',
  '503': 'Busy, or lists are behind `atLeast`; Retry-After says when to come back.',
};

function envelope({ data, paged }: DocumentedAnswer): JsonSchema {
  return {
    type: 'object',
    properties: {
      success: { const: true },
      data: data ?? {},
      ...(paged ? { pagination: ref('Pagination') } : {}),
      meta: ref('Meta'),
    },
    required: ['success', 'data', ...(paged ? ['pagination'] : []), 'meta'],
  };
}

function headersOf({ headers = [] }: DocumentedAnswer): JsonSchema {
  const all = ['X-Request-Id', ...headers];
  return Object.fromEntries(all.map((name) => [name, { schema: { type: 'string' } }]));
}

function pathParameters(path: string): Parameter[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name: name!,
    in: 'path',
    description: name === 'id' ? 'Id of the record.' : `${name} of the address.`,
    required: true,
    schema: /id$/i.test(name!) ? { type: 'string', format: 'uuid' } : { type: 'string' },
  }));
}

/** Statuses an endpoint may refuse with, each with its codes. */
export function refusalsByStatus(endpoint: Endpoint): Map<string, string[]> {
  const { access, body, method } = endpoint;
  const own = endpoint.refusals ?? [];
  const common = [
    '400 VALIDATION_ERROR',
    ...(body ? ['400 MALFORMED_JSON'] : []),
    ...(access === 'open' ? [] : ['401 UNAUTHENTICATED']),
    ...(typeof access === 'object' ? ['403 FORBIDDEN'] : []),
    ...(access === 'person' || endpoint.stepUp ? ['403 PERSON_NEEDED'] : []),
    ...(withholdable(endpoint).some((one) => withheldBy('starter')[one])
      ? ['403 FEATURE_NOT_IN_PLAN']
      : []),
    ...(endpoint.stepUp ? ['403 STEP_UP_REQUIRED'] : []),
    ...(method === 'GET' ? [] : ['503 UNAVAILABLE']),
  ];
  const found = new Map<string, string[]>();
  for (const one of [...common, ...own]) {
    const [status, ...code] = one.split(' ');
    const codes = found.get(status!) ?? [];
    if (code.length > 0 && !codes.includes(code.join(' '))) codes.push(code.join(' '));
    found.set(status!, codes);
  }
  return new Map([...found].sort(([a], [b]) => a.localeCompare(b)));
}

function responsesOf(endpoint: Endpoint): Record<string, JsonSchema> {
  const { answer } = endpoint;
  const csv = endpoint.query?.some(({ name }) => name === 'format');
  const content = {
    'application/json': { schema: envelope(answer) },
    ...(csv ? { 'text/csv': { schema: { type: 'string' } } } : {}),
  };
  const responses: Record<string, JsonSchema> = {
    [answer.status]: {
      description: answer.description,
      headers: headersOf(answer),
      ...(answer.status === 204 ? {} : { content }),
    },
  };
  for (const [status, codes] of refusalsByStatus(endpoint)) {
    const named = codes.length > 0 ? ` Codes: ${codes.join(', ')}.` : '';
    responses[status] = {
      description: `${MEANINGS[status] ?? 'Refused.'}${named}`,
      ...(status === '304' ? {} : { content: { 'application/json': { schema: ref('Error') } } }),
    };
  }
  return responses;
}

const file: JsonSchema = { type: 'string', format: 'binary' };
const formSchema: JsonSchema = { type: 'object', additionalProperties: { type: 'string' } };
/** Bodies that are the bytes of a file. */
const fileContent = {
  'text/csv': { schema: file },
  'application/octet-stream': { schema: file },
};

function operationOf(endpoint: Endpoint, schemas: Record<string, JsonSchema>): Operation {
  const { access, body } = endpoint;
  const permissions = permissionsOf(access);
  const named = permissions.map((permission) => `\`${permission}\``).join(' and ');
  const needs = named && `Needs the permission${permissions.length > 1 ? 's' : ''} ${named}.`;
  const recent =
    endpoint.stepUp && 'Needs a sign-in or a proof from the last ten minutes: /auth/mfa/step-up.';
  const description = [endpoint.description, needs, recent].filter(Boolean).join('\n\n');
  const parameters = [
    ...pathParameters(endpoint.path),
    ...(endpoint.query ?? []).map((one) => ({ ...one, in: 'query' as const })),
    ...(endpoint.headers ?? []).map((one) => ({ ...one, in: 'header' as const })),
  ];
  const example = endpoint.example ?? (body ? exampleOf(body, schemas) : undefined);
  return {
    operationId: endpoint.operation,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(description ? { description } : {}),
    parameters,
    ...(endpoint.form
      ? { requestBody: { required: true, content: { [FORM_TYPE]: { schema: formSchema } } } }
      : {}),
    ...(body || endpoint.file
      ? {
          requestBody: {
            required: body ? requires(body, schemas) : true,
            content: {
              ...(body ? { 'application/json': { schema: body, example } } : {}),
              ...(endpoint.file ? fileContent : {}),
            },
          },
        }
      : {}),
    responses: responsesOf(endpoint),
    ...(access === 'open' ? { security: [] } : {}),
    ...(permissions.length > 0 ? { 'x-permissions': permissions } : {}),
  };
}

function requires(body: JsonSchema, schemas: Record<string, JsonSchema>): boolean {
  const name = (body['$ref'] as string | undefined)?.split('/').at(-1);
  const schema = name ? schemas[name]! : body;
  return ((schema['required'] as readonly string[] | undefined) ?? []).length > 0;
}

/** The same document with what repeats kept once: a third of the size. */
function compact(document: OpenApi): object {
  const parameters = new SharedParts('parameters');
  const responses = new SharedParts('responses');
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  for (const operation of operations) {
    for (const one of operation.parameters) parameters.count(one);
    for (const one of Object.values(operation.responses)) responses.count(one);
  }
  const short = (operation: Operation) => ({
    ...operation,
    parameters: operation.parameters.map((one) =>
      parameters.shared(one, `${one.in}_${one.name.replaceAll('-', '_')}`),
    ),
    responses: Object.fromEntries(
      Object.entries(operation.responses).map(([status, one]) => [
        status,
        responses.shared(one, `answer_${status}`),
      ]),
    ),
  });
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, short(operation)]),
      ),
    ]),
  );
  const parts = { parameters: parameters.parts, responses: responses.parts };
  return { ...document, paths, components: { ...document.components, ...parts } };
}

/** The document as it is published. */
export function openApiText(document: OpenApi): string {
  return JSON.stringify(compact(document));
}

/** The OpenAPI 3.1 document of the API, made from the same declarations as the routes. */
export function openApi(registry: Registry, endpoints: readonly Endpoint[]): OpenApi {
  const schemas = componentSchemas(registry);
  const paths: OpenApi['paths'] = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = operationOf(endpoint, schemas);
  }
  const tags = [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({
    name,
    description: TAGS[name] ?? registry.readModels.get(name)?.description ?? `All about ${name}.`,
  }));
  return {
    openapi: '3.1.0',
    info: {
      title: 'ClientForge API',
      version: VERSION,
      description:
        'Every answer is an envelope: `success`, `data` or `error`, `meta`. Writes are events; ' +
        'whatever was true can be read as it was, with `asOf`.',
    },
    servers: [{ url: '/api/v1' }],
    tags,
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

import type { SampleSignIn } from '../api-options.js';
import type { JsonSchema } from '../rest/endpoint.js';
import { NONCE_MARK } from '../http/content-policy.js';
import { code, Html, html, prose } from './html.js';
import type { OpenApi, Operation } from './openapi.js';
import { curlOf, quickStartCurl, quickStartTypescript, typescriptOf } from './snippets.js';

function page(document: OpenApi, current: string, title: string, body: Html): string {
  const link = (href: string, name: string) =>
    html`<li>
      <a href="${href}" ${href === current ? new Html('aria-current="page"') : ''}>${name}</a>
    </li>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/dev/style.css" />
        <script src="/dev/script.js" nonce="${NONCE_MARK}" defer></script>
      </head>
      <body>
        <div class="page">
          <nav aria-label="Documentation">
            <strong>ClientForge API</strong>
            <ul>
              ${link('/dev', 'Start')}
              ${document.tags.map(({ name }) => link(`/dev/${name}`, name))}
            </ul>
          </nav>
          <main>${body}</main>
        </div>
      </body>
    </html>`.text;
}

/** Texts of the overview that belong to no single endpoint. */
const GUIDES: readonly (readonly [string, string])[] = [
  [
    'Every answer',
    'has `success`, `data` or `error`, and `meta` with the request id. Lists add `pagination`. An ' +
      'error has a `code` for programs, a `message` for people and `details`: which field, which ' +
      'rule, and how to mend it.\n\nEvery answer also carries `X-Request-Id`; send your own and it is kept.',
  ],
  [
    'Filters, sorting, paging',
    '`?status=open,won` takes one of several values; `amount[gte]=100000` compares (eq, ne, gt, ' +
      'gte, lt, lte, in, null, and all for tags). `sort=-createdAt,name` sorts. `page` and `limit` ' +
      'reach row 10,000; `cursor=` goes on without an end. `fields=id,name` answers with less.',
  ],
  [
    'Any moment of the past',
    '`asOf=2026-03-01` shows a list, a record or the pipeline as it was at the end of that day in ' +
      'the zone of the workspace; `knownAt` leaves out what was recorded later. ' +
      '`/:collection/:id/history` lists every version with who changed what.',
  ],
  [
    'Safe writes',
    '`Idempotency-Key` makes a write repeatable: the same request again is answered alike and ' +
      'carried out once. `If-Match: "3"` refuses with 412 when the record has changed since ' +
      'revision 3. `Prefer: respond-async` answers without waiting for lists; pass ' +
      '`meta.position` as `atLeast` to a list to be sure that it shows your write.',
  ],
  [
    'Many at once',
    '`POST`, `PATCH`, `PUT` and `DELETE` on `/:collection/bulk` take up to 500 records and answer ' +
      'for each.',
  ],
  [
    'Money',
    'is `{"amountMinor":"105400","currency":"USD"}`: whole minor units as text, never a float. CSV ' +
      'has major units and a column for the currency. Sums are per currency.',
  ],
];

const ERRORS: readonly (readonly [string, string, string])[] = [
  ['400', 'VALIDATION_ERROR', 'The request does not have the declared shape.'],
  ['400', 'MALFORMED_JSON', 'The body is not JSON; the message says where.'],
  ['401', 'UNAUTHENTICATED', 'No valid access token: sign in, or refresh.'],
  ['403', 'FORBIDDEN', 'The role does not allow it; details name the permission.'],
  ['403', 'FEATURE_NOT_IN_PLAN', 'The plan does not have it; details name the one that does.'],
  ['404', 'NOT_FOUND', 'No such record in this workspace, whoever else may have one.'],
  ['405', 'METHOD_NOT_ALLOWED', 'The Allow header names the methods there are.'],
  ['409', 'CONFLICT', 'Others were faster, or a value is in use.'],
  ['412', 'REVISION_MISMATCH', 'If-Match does not hold any more: read again.'],
  ['413', 'BODY_TOO_LARGE', 'Send less at once.'],
  ['415', 'UNSUPPORTED_MEDIA_TYPE', 'Send Content-Type: application/json.'],
  ['422', 'a rule', 'The request is clear, but a rule of the business forbids it.'],
  ['429', 'TOO_MANY_ATTEMPTS', 'Too many failed sign-ins from one place.'],
  ['503', 'UNAVAILABLE', 'Busy or restarting; Retry-After says when to come back.'],
  ['503', 'NOT_CAUGHT_UP', 'Lists have not reached atLeast within two seconds.'],
];

function table(head: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${head.join(', ')}">
    <table>
      <thead>
        <tr>
          ${head.map((one) => html`<th scope="col">${one}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** `/dev`: the quick start, what all endpoints share, and where to find the rest. */
export function overview(document: OpenApi, base: string, sample?: SampleSignIn): string {
  const body = html`
    <h1>ClientForge API</h1>
    <p class="lead">
      From zero to the first contact in five minutes. The machine-readable form is
      <a href="/api/v1/openapi.json">openapi.json</a> (OpenAPI 3.1).
    </p>
    <h2 id="quick-start">Quick start</h2>
    ${prose('Sign in for an access token, create a contact, find it again.')}
    <div class="pair">
      ${code(quickStartCurl(base, sample), 'curl')}
      ${code(quickStartTypescript(base, sample), 'TypeScript')}
    </div>
    ${GUIDES.map(
      ([title, text]) =>
        html`<h2>${title}</h2>
          ${prose(text)}`,
    )}
    <h2 id="errors">Errors</h2>
    ${table(
      ['Status', 'Code', 'Meaning'],
      ERRORS.map(([status, name, text]) => [status, html`<code>${name}</code>`, text]),
    )}
    <h2>Endpoints</h2>
    ${document.tags.map(
      ({ name, description }) =>
        html`<h3><a href="/dev/${name}">${name}</a></h3>
          ${prose(description)}`,
    )}
  `;
  return page(document, '/dev', 'ClientForge API', body);
}

function typeOf(schema: JsonSchema): string {
  const reference = schema['$ref'] as string | undefined;
  if (reference) return reference.split('/').at(-1)!;
  const options = schema['anyOf'] as readonly JsonSchema[] | undefined;
  if (options) return options.map(typeOf).join(' or ');
  const values = schema['enum'] as readonly unknown[] | undefined;
  if (values) return values.join(', ');
  if (schema['type'] === 'array') return `list of ${typeOf((schema['items'] ?? {}) as JsonSchema)}`;
  const { title, format, type } = schema as Record<string, string | undefined>;
  return title ?? format ?? type ?? 'any';
}

function parametersOf(operation: Operation): Html {
  const rows = operation.parameters.map((one) => {
    const { name, in: place = 'query', schema, description, required } = one;
    const where = `${place}${required ? ', required' : ''}`;
    return [html`<code>${name}</code>`, where, typeOf(schema), prose(description)];
  });
  if (rows.length === 0) return html``;
  return html`<h3>Parameters</h3>
    ${table(['Name', 'In', 'Type', 'Meaning'], rows)}`;
}

function fieldsOf(schema: JsonSchema, document: OpenApi): Html {
  const name = (schema['$ref'] as string | undefined)?.split('/').at(-1);
  const resolved = name ? document.components.schemas[name]! : schema;
  const properties = resolved['properties'] as Readonly<Record<string, JsonSchema>> | undefined;
  if (!properties || Object.keys(properties).length === 0) return html``;
  const required = (resolved['required'] ?? []) as readonly string[];
  const rows = Object.entries(properties).map(([field, one]) => [
    html`<code>${field}</code>`,
    required.includes(field) ? 'required' : '',
    typeOf(one),
    prose(String(one['description'] ?? '')),
  ]);
  return html`<h3>Body</h3>
    ${table(['Field', '', 'Type', 'Meaning'], rows)}`;
}

function endpoint(document: OpenApi, path: string, method: string, operation: Operation): Html {
  const { operationId, summary, description, requestBody, responses } = operation;
  const answers = Object.entries(responses).map(([status, { description: text }]) => [
    status,
    prose(String(text)),
  ]);
  const schema = requestBody?.content['application/json']?.schema;
  return html`<details id="${operationId}">
    <summary>
      <span class="method ${method}">${method.toUpperCase()}</span>
      <code class="path">${path}</code>
      <span class="what">${summary}</span>
    </summary>
    <div>
      ${prose(description ?? summary)}
      <div class="pair">
        ${code(curlOf(method, path, operation), 'curl')}
        ${code(typescriptOf(method, path, operation), 'TypeScript')}
      </div>
      ${parametersOf(operation)} ${schema ? fieldsOf(schema, document) : ''}
      <h3>Answers</h3>
      ${table(['Status', 'Meaning'], answers)}
    </div>
  </details>`;
}

/** `/dev/contacts`: every endpoint of a collection; undefined where there is none. */
export function reference(document: OpenApi, tag: string): string | undefined {
  const known = document.tags.find(({ name }) => name === tag);
  if (!known) return undefined;
  const endpoints = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => endpoint(document, path, method, operation)),
  );
  const body = html`
    <h1>${tag[0]!.toUpperCase() + tag.slice(1)}</h1>
    <div class="lead">${prose(known.description)}</div>
    ${endpoints}
  `;
  return page(document, `/dev/${tag}`, `${tag} · ClientForge API`, body);
}

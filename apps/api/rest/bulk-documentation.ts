import type { BulkCommands, BulkMethod } from './bulk.js';
import type { Answer, Call, Endpoint, JsonSchema } from './endpoint.js';
import type { Refusal } from '#kernel/refusal';
import { writeHeaders } from './headers.js';
import { count, inputRef, listOf, objectOf, plain, ref, uuid } from './schemas.js';

const TITLE = { POST: 'Create', PATCH: 'Change', PUT: 'Replace', DELETE: 'Delete' } as const;
const DONE = { POST: 'created', PATCH: 'updated', PUT: 'updated', DELETE: 'deleted' } as const;

const ids: JsonSchema = { type: 'array', items: uuid, minItems: 1, maxItems: 500 };
const many = (items: JsonSchema): JsonSchema => ({
  type: 'array',
  items,
  minItems: 1,
  maxItems: 500,
});
/** An item names its record and may say which revision it has read. */
function named(input: unknown): JsonSchema {
  const schema = plain(input) as { properties: object; required?: readonly string[] };
  return {
    ...schema,
    properties: { id: uuid, revision: count, ...schema.properties },
    required: ['id', ...(schema.required ?? [])],
  };
}

function bodyOf(method: BulkMethod, { model, create, change, replacement }: BulkCommands) {
  switch (method) {
    case 'POST':
      return objectOf({ [model.name]: many(inputRef(create!)) });
    case 'PUT':
      return objectOf({ [model.name]: many(named(replacement!.schema)) });
    case 'DELETE':
      return objectOf({ ids });
    case 'PATCH':
      return {
        oneOf: [
          objectOf({ ids, updates: inputRef(change!) }),
          objectOf({ [model.name]: many(named(change!.input)) }),
        ],
      };
  }
}

const result = {
  type: 'object',
  properties: {
    index: count,
    id: uuid,
    success: { type: 'boolean' },
    revision: count,
    error: ref('BulkError'),
  },
  required: ['index', 'success'],
};

/** One bulk endpoint with its documentation. */
export function bulkEndpoint(
  method: BulkMethod,
  parts: BulkCommands,
  handle: (call: Call) => Promise<Answer | Refusal>,
): Endpoint {
  const { name, record } = parts.model;
  return {
    operation: `bulk_${TITLE[method].toLowerCase()}_${name}`,
    method,
    path: `/${name}/bulk`,
    tag: name,
    summary: `${TITLE[method]} many ${name}`,
    description:
      `At most 500 in a request. Each ${record} succeeds or fails by itself, in \`results\`; with ` +
      'an Idempotency-Key the whole request can be sent again. If-Match holds for every record; ' +
      '`revision` in an item for that one.',
    access: { permission: `${name}:bulk` },
    headers: writeHeaders,
    body: bodyOf(method, parts),
    answer: {
      status: 200,
      description: 'What became of each.',
      data: objectOf({ [DONE[method]]: count, failed: count, results: listOf(result) }),
    },
    refusals: ['413 BODY_TOO_LARGE', '415 UNSUPPORTED_MEDIA_TYPE'],
    handle,
  };
}

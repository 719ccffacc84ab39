import type { Registry } from '#platform/commands/registry';
import type { JsonSchema } from '../rest/endpoint.js';
import { jobSchema } from '../rest/jobs-shown.js';
import {
  count,
  instant,
  listOf,
  maybe,
  objectOf,
  plain,
  ref,
  rowSchema,
  schemaName,
  text,
  uuid,
} from '../rest/schemas.js';

const detail: JsonSchema = {
  type: 'object',
  description: 'One problem: what is wrong with which field, by which rule, and how to mend it.',
  properties: {
    field: text,
    rule: text,
    message: text,
    remedy: text,
    value: { description: 'What was sent; left out when long or secret.' },
  },
  required: ['message'],
};

const error = (more: Readonly<Record<string, JsonSchema>> = {}): JsonSchema =>
  objectOf({
    ...more,
    code: { ...text, examples: ['VALIDATION_ERROR'] },
    message: text,
    details: listOf(ref('ErrorDetail')),
  });

const meta: JsonSchema = {
  type: 'object',
  properties: {
    timestamp: instant,
    requestId: { ...text, description: 'Also in X-Request-Id; name it when you ask for help.' },
    position: { ...text, description: 'After a write: what `atLeast` takes.' },
    revision: count,
    warnings: listOf(
      objectOf(
        {
          code: text,
          message: text,
          records: listOf(objectOf({ id: uuid, label: text })),
        },
        ['code', 'message'],
      ),
    ),
  },
  required: ['timestamp', 'requestId'],
};

const pagination: JsonSchema = {
  type: 'object',
  properties: {
    page: { ...maybe(count), description: 'Null when a cursor was given.' },
    limit: count,
    total: { ...count, description: 'Exact up to 10,000 unless count=exact.' },
    totalPages: count,
    totalCapped: { type: 'boolean', description: 'The total is a lower bound.' },
    hasNext: { type: 'boolean' },
    hasPrev: { type: 'boolean' },
    nextCursor: maybe(text),
    nextBefore: maybe(count),
  },
  required: ['limit', 'hasNext'],
};

const timelineEntry = objectOf({
  id: uuid,
  recordType: text,
  recordId: uuid,
  recordLabel: maybe(text),
  relatedType: maybe(text),
  relatedId: maybe(uuid),
  revision: count,
  eventType: text,
  action: text,
  actor: objectOf({ type: { type: 'string', enum: ['user', 'system'] }, id: text }),
  changes: listOf(objectOf({ field: text, from: {}, to: {} })),
  commandId: uuid,
  correlationId: text,
  causationId: maybe(text),
  requestId: maybe(text),
  ip: maybe(text),
  userAgent: maybe(text),
  occurredAt: instant,
  recordedAt: instant,
});

/** Every schema the document refers to: records, inputs of commands and the envelope's parts. */
export function componentSchemas(registry: Registry): Record<string, JsonSchema> {
  const rows = registry.product.readModels.map((model) => [schemaName(model), rowSchema(model)]);
  const inputs = registry.product.commands
    .filter(({ internal }) => !internal)
    .map(({ name, input, description }) => [name, { ...plain(input), description }]);
  return {
    ...(Object.fromEntries([...rows, ...inputs]) as Record<string, JsonSchema>),
    Meta: meta,
    Pagination: pagination,
    ErrorDetail: detail,
    Error: objectOf({ success: { const: false }, error: error(), meta: ref('Meta') }),
    BulkError: error({ status: count }),
    TimelineEntry: timelineEntry,
    Job: jobSchema,
  };
}

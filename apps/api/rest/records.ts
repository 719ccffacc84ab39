import { streamId } from '#kernel/aggregate';
import type { RecordedEvent } from '#kernel/event';
import { isUuid } from '#kernel/ids';
import type { ReadModel, Row } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { changesFor, rowFor, seenBy } from '#platform/projections/field-rights';
import { differences, evolveRow, type FieldChange } from '#platform/projections/row-fold';
import type { ReadTimes } from '#platform/projections/reader';
import type { Answer, Call, Endpoint, Parameter } from './endpoint.js';
import { alreadyHas, etagOf } from './headers.js';
import { pick } from './lists.js';
import {
  asOf,
  atLeast,
  fields,
  fieldsOf,
  knownAt,
  limit,
  momentOf,
  wholeOf,
} from './parameters.js';
import { instant, listOf, maybe, objectOf, refTo, text } from './schemas.js';
import { parentOf, reach, type Services } from './services.js';

const MAX_REVISION = 999_999_999;

const revision: Parameter = {
  name: 'revision',
  description: 'As it was at this revision.',
  schema: { type: 'integer', minimum: 1 },
};

/** The past a record is asked for. */
function timesOf({ query, caller }: Call): ReadTimes | Refusal {
  const at = momentOf('asOf', query['asOf'], caller.timeZone);
  if (isRefusal(at)) return at;
  const known = momentOf('knownAt', query['knownAt'], caller.timeZone);
  if (isRefusal(known)) return known;
  const given = wholeOf('revision', query['revision'], [1, MAX_REVISION], 0);
  if (typeof given === 'object') return given;
  return {
    ...(at ? { asOf: at } : {}),
    ...(known ? { knownAt: known } : {}),
    ...(given ? { revision: given } : {}),
  };
}

async function getRecord(
  services: Services,
  model: ReadModel,
  call: Call,
  id: string,
): Promise<Answer | Refusal> {
  const { caller, query, request } = call;
  const names = fieldsOf(seenBy(caller, model), query['fields']);
  if (isRefusal(names)) return names;
  const times = timesOf(call);
  if (isRefusal(times)) return times;
  const { deleted } = query;
  if (deleted !== undefined && deleted !== 'include' && deleted !== 'exclude') {
    const message = 'deleted must be include or exclude.';
    return refusal('VALIDATION_ERROR', 'shape', message, [
      { field: 'deleted', rule: 'enum', message },
    ]);
  }
  const refused = await reach(services, [model], query);
  if (refused) return refused;
  const includeDeleted = deleted === 'include';
  const row = await services.platform.reader.get(caller, model, id, { ...times, includeDeleted });
  if (isRefusal(row)) return row;
  services.accessLog.viewed(caller, model.record, id);
  const headers = { etag: etagOf(row['revision']) };
  if (alreadyHas(request.headers, headers.etag)) return { status: 304, headers };
  return { data: pick(row, names), headers };
}

/** One version of a record: what changed, who did it and when, and the record afterwards. */
interface Version {
  readonly revision: number;
  readonly events: readonly { readonly type: string; readonly action: string }[];
  readonly actor: RecordedEvent['meta']['actor'];
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly changes: readonly FieldChange[];
  readonly record: Row | null;
}

/** Every version of a record, newest first. */
async function versionsOf(
  { platform }: Services,
  model: ReadModel,
  tenantId: string,
  id: string,
): Promise<Version[]> {
  const { events } = await platform.store.load(tenantId, streamId(model.category, id));
  const versions: Version[] = [];
  let before: Row | null = null;
  let row: Row | null = null;
  for (const event of await platform.codec.decode(events)) {
    const last = versions.at(-1);
    // One stored event may be read as several facts: together they are one version.
    const again = last?.revision === event.version;
    if (!again) before = row;
    row = evolveRow(model, row, event);
    const told = { type: event.type, action: platform.codec.definition(event.type).action };
    if (again) versions.pop();
    versions.push({
      revision: event.version,
      events: [...(again ? last.events : []), told],
      actor: event.meta.actor,
      occurredAt: event.occurredAt.toISOString(),
      recordedAt: event.recordedAt.toISOString(),
      correlationId: event.meta.correlationId,
      causationId: event.meta.causationId ?? null,
      changes: differences(before, row),
      record: row,
    });
  }
  return versions.reverse();
}

async function getHistory(
  services: Services,
  model: ReadModel,
  { caller, query, params }: Call,
): Promise<Answer | Refusal> {
  const size = wholeOf('limit', query['limit'], [1, 100], 20);
  if (typeof size === 'object') return size;
  const below = wholeOf('before', query['before'], [1, MAX_REVISION], MAX_REVISION);
  if (typeof below === 'object') return below;
  const id = params['id']!;
  const record = await parentOf(services, caller, model, id, true);
  if (isRefusal(record)) return record;
  services.accessLog.viewed(caller, model.record, id);
  const all = await versionsOf(services, model, caller.tenantId, id);
  const older = all.filter((version) => version.revision < below);
  const shown = older.slice(0, size).map((version) => ({
    ...version,
    changes: changesFor(caller, model, version.changes),
    record: version.record && rowFor(caller, model, version.record),
  }));
  const hasNext = older.length > size;
  return {
    data: shown,
    pagination: {
      limit: size,
      total: all.length,
      hasNext,
      nextBefore: hasNext ? shown.at(-1)!.revision : null,
    },
  };
}

const changeSchema = objectOf({ field: text, from: {}, to: {} });

function versionSchema(model: ReadModel) {
  return objectOf({
    revision: { type: 'integer' },
    events: listOf(objectOf({ type: text, action: text })),
    actor: objectOf({ type: { type: 'string', enum: ['user', 'system'] }, id: text }),
    occurredAt: instant,
    recordedAt: instant,
    correlationId: text,
    causationId: maybe(text),
    changes: listOf(changeSchema),
    record: maybe(refTo(model)),
  });
}

/** One record of a read model, now or in the past, and all its versions. */
export function recordEndpoints(services: Services, model: ReadModel): Endpoint[] {
  const access = { permission: `${model.name}:read` };
  const times = model.temporal ? [asOf, knownAt, revision] : [];
  return [
    {
      operation: `get_${model.record}`,
      method: 'GET',
      path: `/${model.name}/:id`,
      tag: model.name,
      summary: `Read a ${model.record}`,
      description: 'The ETag is the revision; with If-None-Match an unchanged record is a 304.',
      access,
      query: [
        fields,
        ...times,
        {
          name: 'deleted',
          description: '`include` also shows a deleted record.',
          schema: { type: 'string', enum: ['exclude', 'include'], default: 'exclude' },
        },
        atLeast,
      ],
      headers: [
        {
          name: 'If-None-Match',
          in: 'header',
          description: 'The ETag you have: 304 without a body when it still holds.',
          schema: { type: 'string', examples: ['"3"'] },
        },
      ],
      answer: {
        status: 200,
        description: `The ${model.record}.`,
        data: refTo(model),
        headers: ['ETag'],
      },
      refusals: ['304', '404 NOT_FOUND', '503 NOT_CAUGHT_UP'],
      handle: (call) => getRecord(services, model, call, call.params['id']!),
    },
    {
      operation: `history_of_${model.record}`,
      method: 'GET',
      path: `/${model.name}/:id/history`,
      tag: model.name,
      summary: `List all versions of a ${model.record}`,
      description: 'Straight from the log, newest first, deleted records included.',
      access,
      query: [
        limit,
        {
          name: 'before',
          description: '`pagination.nextBefore` of the page before.',
          schema: { type: 'integer', minimum: 1 },
        },
      ],
      answer: {
        status: 200,
        description: 'A page of versions.',
        data: listOf(versionSchema(model)),
        paged: true,
      },
      refusals: ['404 NOT_FOUND'],
      handle: (call) =>
        isUuid(call.params['id'])
          ? getHistory(services, model, call)
          : Promise.resolve(
              refusal(
                'NOT_FOUND',
                'missing',
                `There is no such ${model.record} in this workspace.`,
              ),
            ),
    },
  ];
}

/** The workspace of the caller, which is a record without a list. */
export function workspaceEndpoints(services: Services): Endpoint[] {
  const tenants = services.platform.registry.readModels.get('tenants');
  if (!tenants) return [];
  const [one] = recordEndpoints(services, tenants);
  return [
    {
      ...one!,
      operation: 'get_workspace',
      path: '/tenant',
      tag: 'workspace',
      summary: 'Read the workspace',
      handle: (call) => getRecord(services, tenants, call, call.caller.tenantId),
    },
  ];
}

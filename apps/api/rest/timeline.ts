import { isUuid } from '#kernel/ids';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { decodeTimelineCursor, type TimelineQuery } from '#platform/projections/timeline-entry';
import type { Answer, Call, Endpoint, Parameter } from './endpoint.js';
import { writeHeaders } from './headers.js';
import { asOf, atLeast, cursor, knownAt, limit, momentOf, wholeOf } from './parameters.js';
import { refusalsOf } from './refusals.js';
import { count, inputRef, listOf, objectOf, ref, refTo, text } from './schemas.js';
import { notFound, parentOf, reach, type Services } from './services.js';
import { carryOut, inputOf, offered, optionsOf } from './writes.js';

type Filter = Omit<TimelineQuery, 'limit' | 'cursor'>;

const word = (name: string, description: string): Parameter => ({
  name,
  description,
  schema: { type: 'string', maxLength: 200 },
});
const filterParameters: readonly Parameter[] = [
  word('actorId', 'Who did it: a user id or the name of a process.'),
  word('action', 'What was done, one or several: created,updated,won.'),
  word('recordType', 'To what, one or several: company,deal.'),
  word('field', 'Where this field changed.'),
  word('correlationId', 'In the course of this request.'),
  word('from', 'From this instant, or the start of this day.'),
  word('to', 'To this instant, or the end of this day.'),
  asOf,
  knownAt,
];
const pageParameters: readonly Parameter[] = [
  {
    name: 'order',
    description: 'Newest or oldest first.',
    schema: { type: 'string', enum: ['desc', 'asc'], default: 'desc' },
  },
  limit,
  cursor,
  atLeast,
];

const invalid = (field: string, rule: string, message: string): Refusal =>
  refusal('VALIDATION_ERROR', 'shape', message, [{ field, rule, message }]);

const clean = (value: string) => !value.includes('\u0000') && value.isWellFormed();

/** The filter of the query parameters, or what is wrong with them. */
function filterOf({ query, caller }: Call): Filter | Refusal {
  const texts: Record<string, string> = {};
  for (const name of ['actorId', 'action', 'recordType', 'field', 'correlationId', 'order']) {
    const value = query[name];
    if (value === undefined) continue;
    if (!clean(String(value))) return invalid(name, 'text', `${name} holds a NUL character.`);
    texts[name] = String(value);
  }
  if (texts['order'] && !['asc', 'desc'].includes(texts['order'])) {
    return invalid('order', 'enum', 'order must be asc or desc.');
  }
  const times: Record<string, Date> = {};
  for (const name of ['from', 'to', 'asOf', 'knownAt']) {
    const at = momentOf(name, query[name], caller.timeZone);
    if (isRefusal(at)) return at;
    if (at) times[name] = at;
  }
  const { action, recordType, order, ...same } = texts;
  return {
    ...same,
    ...times,
    ...(action ? { actions: action.split(',') } : {}),
    ...(recordType ? { recordTypes: recordType.split(',') } : {}),
    ...(order === 'asc' ? { ascending: true } : {}),
  };
}

/** Record types the caller may not read have no history for them either. */
function readable({ platform }: Services, { caller }: Call, filter: Filter): Filter {
  const models = [...platform.registry.readModels.values()];
  const hidden = models.filter((model) => isRefusal(platform.reader.visible(caller, model)));
  if (hidden.length === 0) return filter;
  const wanted = filter.recordTypes ?? models.map(({ record }) => record);
  const closed = hidden.map(({ record }) => record);
  return { ...filter, recordTypes: wanted.filter((record) => !closed.includes(record)) };
}

/** A page of the timeline under a filter. */
export async function answerTimeline(
  services: Services,
  call: Call,
  fixed: Filter = {},
): Promise<Answer | Refusal> {
  const { query, caller } = call;
  const filter = filterOf(call);
  if (isRefusal(filter)) return filter;
  const size = wholeOf('limit', query['limit'], [1, 100], 20);
  if (typeof size === 'object') return size;
  const given = query['cursor'];
  const after = given === undefined ? undefined : decodeTimelineCursor(String(given));
  if (given !== undefined && (!after || !isUuid(after.id) || !Number.isInteger(after.part))) {
    return invalid('cursor', 'cursor', 'The cursor does not belong to a timeline.');
  }
  const refused = await reach(services, [...services.platform.registry.readModels.values()], query);
  if (refused) return refused;
  const page = await services.platform.timeline.list(caller, {
    ...readable(services, call, { ...filter, ...fixed }),
    limit: size,
    ...(after ? { cursor: after } : {}),
  });
  if (isRefusal(page)) return page;
  const { entries, hasNext, nextCursor } = page;
  return {
    data: entries,
    pagination: { limit: size, hasNext, hasPrev: after !== undefined, nextCursor },
  };
}

/** The timeline of one record, which must be one the caller may see. */
async function ofRecord(
  services: Services,
  model: ReadModel,
  id: string,
  call: Call,
  includeRelated: boolean,
): Promise<Answer | Refusal> {
  const known = await parentOf(services, call.caller, model, id, true);
  if (isRefusal(known)) return known;
  services.accessLog.viewed(call.caller, model.record, id);
  return answerTimeline(services, call, { recordType: model.record, recordId: id, includeRelated });
}

function searchFor(call: Call): string | Refusal {
  const given = String(call.query['q'] ?? '').trim();
  if (given === '') return invalid('q', 'required', 'q is required.');
  if (given.length <= 200 && clean(given)) return given;
  return invalid('q', 'text', 'q must be text of at most 200 characters.');
}

async function statistics(services: Services, call: Call): Promise<Answer | Refusal> {
  const filter = filterOf(call);
  if (isRefusal(filter)) return filter;
  const { caller } = call;
  const counted = await services.platform.timeline.statistics(
    caller,
    readable(services, call, filter),
    caller.timeZone,
  );
  return isRefusal(counted) ? counted : { data: counted };
}

const page = {
  status: 200,
  description: 'A page of the timeline.',
  data: listOf(ref('TimelineEntry')),
  paged: true,
} as const;
const access = { permission: 'timeline:read' } as const;
const tag = 'timeline';

function read(part: Pick<Endpoint, 'operation' | 'path' | 'summary' | 'handle'>): Endpoint {
  const query = [...filterParameters, ...pageParameters];
  return { method: 'GET', tag, access, query, answer: page, ...part };
}

const related: Parameter = {
  name: 'related',
  description: 'Whether entries of records that belong to this one are shown: its notes, tasks.',
  schema: { type: 'string', enum: ['true', 'false'] },
};

/** What happened: in the workspace, by a person, to a record. */
export function timelineEndpoints(services: Services): Endpoint[] {
  const { registry } = services.platform;
  const modelNamed = (name: string) =>
    registry.modelOfRecord(name) ?? registry.readModels.get(name);
  const search = read({
    operation: 'search_timeline',
    path: '/timeline/search',
    summary: 'Search the timeline',
    handle: (call) => {
      const words = searchFor(call);
      return typeof words === 'string'
        ? answerTimeline(services, call, { search: words })
        : Promise.resolve(words);
    },
  });
  const ofOne = read({
    operation: 'timeline_of_record',
    path: '/timeline/:entityType/:entityId',
    summary: 'Read the timeline of a record',
    handle: (call) => {
      const model = modelNamed(call.params['entityType']!);
      if (!model) return Promise.resolve(notFound({ record: 'kind of record' }));
      const withRelated = call.query['related'] === 'true';
      return ofRecord(services, model, call.params['entityId']!, call, withRelated);
    },
  });
  return [
    read({
      operation: 'timeline',
      path: '/timeline',
      summary: 'Read the timeline of the workspace',
      handle: (call) => answerTimeline(services, call),
    }),
    read({
      operation: 'my_timeline',
      path: '/timeline/me',
      summary: 'Read what the caller did',
      handle: (call) => answerTimeline(services, call, { actorId: call.caller.actor.id }),
    }),
    {
      ...search,
      query: [{ ...word('q', 'What to search for.'), required: true }, ...search.query!],
    },
    {
      operation: 'timeline_statistics',
      method: 'GET',
      path: '/timeline/statistics',
      tag,
      summary: 'Count what happened',
      access,
      query: filterParameters,
      answer: {
        status: 200,
        description: 'Counts by action, record type, actor and day.',
        data: objectOf({
          total: count,
          byAction: listOf(objectOf({ action: text, count })),
          byRecordType: listOf(objectOf({ recordType: text, count })),
          byActor: listOf(objectOf({ actorId: text, count })),
          byDay: listOf(objectOf({ day: text, count })),
        }),
      },
      handle: (call) => statistics(services, call),
    },
    { ...ofOne, query: [related, ...ofOne.query!], refusals: ['404 NOT_FOUND'] },
    ...recordLogs(services),
    ...logActivity(services),
  ];
}

/** `/companies/:id/activities`: the log of a record, and of what belongs to it. */
function recordLogs(services: Services): Endpoint[] {
  return (
    [...services.platform.registry.readModels.values()]
      // The workspace has no list, and a logged activity is an entry of such a log itself.
      .filter(({ record }) => record !== 'tenant' && record !== 'activity')
      .map((model) => {
        const endpoint = read({
          operation: `activities_of_${model.record}`,
          path: `/${model.name}/:id/activities`,
          summary: `Read the activity log of a ${model.record}`,
          handle: (call) =>
            ofRecord(services, model, call.params['id']!, call, call.query['related'] !== 'false'),
        });
        return {
          ...endpoint,
          // Who may not see a record sees nothing of what happened to it.
          access: { ...access, and: `${model.name}:read` },
          tag: model.name,
          query: [related, ...endpoint.query!],
          refusals: ['404 NOT_FOUND'],
        };
      })
  );
}

/** `POST /timeline`: something that happened outside, told by a person. */
function logActivity(services: Services): Endpoint[] {
  const command = offered(services).find(({ name }) => name === 'LogActivity');
  const model = services.platform.registry.readModels.get('activities');
  if (!command || !model) return [];
  return [
    {
      operation: 'log_activity',
      method: 'POST',
      path: '/timeline',
      tag,
      summary: 'Log an activity',
      description: 'A call, meeting or message; it appears in the timeline of what it is about.',
      access: { permission: command.permission },
      headers: writeHeaders,
      body: inputRef(command),
      answer: {
        status: 201,
        description: 'The activity.',
        data: refTo(model),
        headers: ['X-Position', 'ETag', 'Location'],
      },
      refusals: refusalsOf(command),
      handle: (call) => {
        const input = inputOf(call.body, {});
        if (isRefusal(input)) return Promise.resolve(input);
        const options = optionsOf(call, 'POST /timeline');
        if (isRefusal(options)) return Promise.resolve(options);
        return carryOut(services, call, command, input, options);
      },
    },
  ];
}

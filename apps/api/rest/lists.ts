import type { ReadModel, Row } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { seenBy } from '#platform/projections/field-rights';
import {
  parseListQuery,
  type ListQuery,
  type RawParameters,
} from '#platform/projections/list-query';
import type { Page } from '#platform/projections/reader';
import { csvAnswer, wantsCsv } from './csv.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { fieldsOf, listParameters } from './parameters.js';
import { reach, type Services } from './services.js';
import { listOf, refTo } from './schemas.js';

/** Filters that come from the route and not from the query. */
export type Fixed = Readonly<Record<string, string>>;

/** The row with these fields only. */
export function pick(row: Row, names: readonly string[] | undefined): Row {
  return names ? Object.fromEntries(names.map((name) => [name, row[name] ?? null])) : row;
}

/** Where the page stands in the whole list. */
function paginationOf(query: ListQuery, page: Page): object {
  const { limit, offset, cursor } = query;
  const { total, totalCapped, hasNext, cursors } = page;
  return {
    page: cursor ? null : offset / limit + 1,
    limit,
    total,
    totalPages: Math.ceil(total / limit),
    totalCapped,
    hasNext,
    hasPrev: cursor !== undefined || offset > 0,
    nextCursor: hasNext ? (cursors.at(-1) ?? null) : null,
  };
}

/** A list of a read model, as JSON page by page or as CSV in one piece. */
export async function answerList(
  services: Services,
  whole: ReadModel,
  { caller, request }: Call,
  raw: RawParameters,
  fixed: Fixed = {},
): Promise<Answer | Refusal> {
  const model = seenBy(caller, whole);
  const overruled = Object.keys(fixed).find((name) => raw[name] !== undefined);
  if (overruled) {
    const message = `${overruled} follows from the address here.`;
    const remedy = 'Leave it out.';
    return refusal('VALIDATION_ERROR', 'shape', message, [
      { field: overruled, rule: 'fixed', message, remedy },
    ]);
  }
  const names = fieldsOf(model, raw['fields']);
  if (isRefusal(names)) return names;
  const csv = wantsCsv(raw['format'], request.headers.accept);
  if (isRefusal(csv)) return csv;
  const query = parseListQuery(model, { ...raw, ...fixed }, caller.timeZone);
  if (isRefusal(query)) return query;
  const refused = await reach(services, [model], raw);
  if (refused) return refused;
  if (csv) return csvAnswer(services, model, caller, query, names);
  const page = await services.platform.reader.list(caller, model, query);
  if (isRefusal(page)) return page;
  return {
    data: page.rows.map((row) => pick(row, names)),
    pagination: paginationOf(query, page),
  };
}

/** The endpoints that list a whole read model. */
export function listEndpoints(services: Services, model: ReadModel): Endpoint[] {
  const permission = `${model.name}:read`;
  const answer = {
    status: 200,
    description: `A page of ${model.name}.`,
    data: listOf(refTo(model)),
    paged: true,
  } as const;
  const list: Endpoint = {
    operation: `list_${model.name}`,
    method: 'GET',
    path: `/${model.name}`,
    tag: model.name,
    summary: `List ${model.name}`,
    description:
      `${model.description} Operators follow the field in brackets: \`name[ne]=…\`, ` +
      '`createdAt[gte]=…`, `tags[all]=a,b`, `ownerId[null]=true`.',
    access: { permission },
    query: listParameters(model),
    anyQuery: true,
    answer,
    refusals: ['503 NOT_CAUGHT_UP'],
    handle: (call) => answerList(services, model, call, call.query),
  };
  const searchable = Object.values(model.columns).some(({ search }) => search);
  if (!searchable) return [list];
  const search: Endpoint = {
    ...list,
    operation: `search_${model.name}`,
    path: `/${model.name}/search`,
    summary: `Search ${model.name}`,
    description: 'The list, with the words to search for in `q`.',
    query: [
      {
        name: 'q',
        description: 'What to search for.',
        schema: { type: 'string', maxLength: 200 },
        required: true,
      },
      ...listParameters(model).filter(({ name }) => name !== 'search'),
    ],
    handle: (call) => {
      const { q, ...rest } = call.query;
      if (typeof q === 'string' && q.trim() !== '') {
        return answerList(services, model, call, { ...rest, search: q });
      }
      const message = 'q is required.';
      return Promise.resolve(
        refusal('VALIDATION_ERROR', 'shape', message, [{ field: 'q', rule: 'required', message }]),
      );
    },
  };
  return [list, search];
}

/** Lists that mean the caller's own records. */
export function ownListEndpoints(services: Services): Endpoint[] {
  const tasks = services.platform.registry.readModels.get('tasks');
  if (!tasks?.columns['assignedToId']) return [];
  const [list] = listEndpoints(services, tasks);
  return [
    {
      ...list!,
      operation: 'my_tasks',
      path: '/tasks/my-tasks',
      summary: 'List my tasks',
      description: 'The list of tasks, those assigned to the caller only.',
      query: listParameters(tasks).filter(({ name }) => name !== 'assignedToId'),
      handle: (call) =>
        answerList(services, tasks, call, call.query, { assignedToId: call.caller.actor.id }),
    },
  ];
}

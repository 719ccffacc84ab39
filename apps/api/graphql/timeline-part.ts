import { isUuid } from '#kernel/ids';
import type { ReadModel } from '#kernel/read-model';
import type { Registry } from '#platform/commands/registry';
import {
  decodeTimelineCursor,
  type TimelineEntry,
  type TimelineQuery,
} from '#platform/projections/timeline-entry';
import { pointInTime } from '#platform/projections/zone';
import { mayRead, reachPosition, TIMES, type GraphqlContext, type Shown } from './context.js';
import { badArgument, orThrow } from './errors.js';
import { instants, pageSize, type ListArguments } from './list-arguments.js';
import { typeName } from './record-shape.js';
import { related, shown } from './record-resolvers.js';
import type { Resolver, SchemaPart } from './resolvers.js';
import { timelineSdl } from './timeline-sdl.js';

interface TimelineFilter {
  readonly recordType?: string | null;
  readonly recordId?: string | null;
  readonly includeRelated?: boolean | null;
  readonly recordTypes?: readonly string[] | null;
  readonly actorId?: string | null;
  readonly actions?: readonly string[] | null;
  readonly field?: string | null;
  readonly correlationId?: string | null;
  readonly search?: string | null;
  readonly from?: unknown;
  readonly to?: unknown;
}

interface TimelineArguments extends Pick<
  ListArguments,
  'first' | 'after' | 'asOf' | 'knownAt' | 'atLeast'
> {
  readonly filter?: TimelineFilter | null;
  readonly ascending?: boolean | null;
  readonly includeRelated?: boolean | null;
}

/** The given values that are not null, with their types. */
function given<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  ) as { [K in keyof T]?: NonNullable<T[K]> };
}

function period(name: 'from' | 'to', value: unknown, timeZone: string): Date | undefined {
  if (value === null || value === undefined) return undefined;
  const at = pointInTime(String(value), timeZone);
  if (at) return at;
  throw badArgument(`filter.${name}`, 'instant', `${name} is neither an instant nor a day.`);
}

/** Types whose history the caller may see; undefined when that is every type. */
function readableTypes(registry: Registry, context: GraphqlContext, wanted?: readonly string[]) {
  const models: readonly ReadModel[] = [...registry.readModels.values()];
  const closed = models.filter((model) => !mayRead(context, model)).map(({ record }) => record);
  if (closed.length === 0) return wanted;
  const open = wanted ?? models.map(({ record }) => record);
  return open.filter((record) => !closed.includes(record));
}

function filterOf(
  registry: Registry,
  filter: TimelineFilter,
  context: GraphqlContext,
): Omit<TimelineQuery, 'limit' | 'cursor'> {
  const { from, to, recordTypes, ...rest } = given(filter);
  if ((rest.recordType === undefined) !== (rest.recordId === undefined)) {
    const message = 'recordType and recordId are given together.';
    throw badArgument('filter.recordId', 'together', message, 'Give both, or use recordTypes.');
  }
  if (rest.recordId !== undefined && !isUuid(rest.recordId)) {
    throw badArgument('filter.recordId', 'uuid', 'recordId is not a valid uuid.');
  }
  const { timeZone } = context.caller;
  const times = { from: period('from', from, timeZone), to: period('to', to, timeZone) };
  const types = readableTypes(registry, context, recordTypes);
  return { ...rest, ...given(times), ...(types ? { recordTypes: types } : {}) };
}

async function entries(
  query: Omit<TimelineQuery, 'limit' | 'cursor'>,
  args: TimelineArguments,
  { platform, caller }: GraphqlContext,
): Promise<object> {
  const cursor = typeof args.after === 'string' ? decodeTimelineCursor(args.after) : undefined;
  if (typeof args.after === 'string' && (!cursor || !isUuid(cursor.id))) {
    throw badArgument('after', 'cursor', 'The cursor does not belong to a timeline.');
  }
  const page = orThrow(
    await platform.timeline.list(caller, {
      ...query,
      ...(args.ascending ? { ascending: true } : {}),
      limit: pageSize(args.first),
      ...(cursor ? { cursor } : {}),
    }),
  );
  const times = { asOf: query.asOf, knownAt: query.knownAt };
  return {
    nodes: page.entries.map((entry) => ({ ...entry, [TIMES]: given(times) })),
    pageInfo: {
      hasNextPage: page.hasNext,
      hasPreviousPage: cursor !== undefined,
      startCursor: null,
      endCursor: page.nextCursor,
    },
  };
}

/** The history of everything, of one record, and its statistics. */
export function timelinePart(registry: Registry): SchemaPart {
  const users = registry.readModels.get('users');
  const allModels = [...registry.readModels.values()];
  const timeline = async (_: unknown, args: TimelineArguments, context: GraphqlContext) => {
    const query = filterOf(registry, args.filter ?? {}, context);
    await reachPosition(context, allModels, args.atLeast);
    if (query.recordType && query.recordId) context.viewed?.(query.recordType, query.recordId);
    return entries({ ...query, ...instants(args, context.caller.timeZone) }, args, context);
  };
  const statistics = async (_: unknown, args: TimelineArguments, context: GraphqlContext) => {
    const { platform, caller } = context;
    const query = filterOf(registry, args.filter ?? {}, context);
    await reachPosition(context, allModels, args.atLeast);
    const past = instants(args, caller.timeZone);
    const counted = orThrow(
      await platform.timeline.statistics(caller, { ...query, ...past }, caller.timeZone),
    );
    const byActor = counted.byActor.map(({ actorId: id, count }) => ({
      actor: { type: isUuid(id) ? 'user' : 'system', id },
      count,
    }));
    return { ...counted, byActor };
  };
  const histories = allModels.map((model): [string, Record<string, Resolver>] => [
    typeName(model),
    {
      history: (row: Shown, args: TimelineArguments, context: GraphqlContext) => {
        const recordId = String(row['id']);
        context.viewed?.(model.record, recordId);
        const more = args.includeRelated ? { includeRelated: true } : {};
        const query = { recordType: model.record, recordId, ...row[TIMES], ...more };
        return entries(query, args, context);
      },
    },
  ]);
  return {
    sdl: timelineSdl(users !== undefined),
    resolvers: {
      Query: { timeline, timelineStatistics: statistics },
      TimelineEntry: {
        record: (entry: TimelineEntry & Shown, _: unknown, context: GraphqlContext) => {
          const model = registry.modelOfRecord(entry.recordType);
          return model ? related(model, entry.recordId, entry, context) : null;
        },
      },
      ...(users
        ? {
            Actor: {
              user: async (actor: { id: string }, _: unknown, context: GraphqlContext) => {
                const row = await context.references.load(users, actor.id);
                return row && shown(users, row);
              },
            },
          }
        : {}),
      ...Object.fromEntries(histories),
    },
  };
}

import type { ReadModel, Row } from '#kernel/read-model';
import { isRefusal } from '#kernel/refusal';
import type { Registry } from '#platform/commands/registry';
import type { Filter } from '#platform/projections/list-checks';
import { allColumns } from '#platform/projections/physical';
import { reachPosition, TIMES, type GraphqlContext, type Past, type Shown } from './context.js';
import { badArgument, orThrow } from './errors.js';
import { instants, listQuery, type ListArguments } from './list-arguments.js';
import { isList, isRelated, listedModels, referencesOf, typeName } from './record-shape.js';
import type { Resolver, ResolverMap } from './resolvers.js';

/** A row as the resolvers beneath it find it. */
export function shown(model: ReadModel, row: Row, times: Past = {}): Shown {
  return { ...row, __typename: typeName(model), [TIMES]: times };
}

/** A page as a connection; `only` narrows it beyond what the caller asked for. */
export async function connection(
  model: ReadModel,
  args: ListArguments,
  context: GraphqlContext,
  only: readonly Filter[] = [],
): Promise<object> {
  const { platform, caller } = context;
  const asked = listQuery(model, args, caller.timeZone);
  const query = { ...asked, filters: [...asked.filters, ...only] };
  await reachPosition(context, [model], args.atLeast);
  const page = orThrow(await platform.reader.list(caller, model, query));
  const times = instants(args, caller.timeZone);
  const nodes = page.rows.map((row) => shown(model, row, times));
  return {
    nodes,
    edges: nodes.map((node, index) => ({ node, cursor: page.cursors[index] })),
    pageInfo: {
      hasNextPage: page.hasNext,
      hasPreviousPage: query.cursor !== undefined,
      startCursor: page.cursors[0] ?? null,
      endCursor: page.cursors.at(-1) ?? null,
    },
    totalCount: page.total,
    totalCapped: page.totalCapped,
  };
}

interface RecordArguments extends Pick<ListArguments, 'asOf' | 'knownAt' | 'atLeast'> {
  readonly id: string;
  readonly revision?: number | null;
  readonly includeDeleted?: boolean | null;
}

/** One record, or null when there is none the caller may see. */
export async function record(
  model: ReadModel,
  args: RecordArguments,
  context: GraphqlContext,
): Promise<Shown | null> {
  const { platform, caller } = context;
  const times = instants(args, caller.timeZone);
  const { revision } = args;
  if (typeof revision === 'number' && revision < 1) {
    throw badArgument('revision', 'range', 'revision must be a whole number from 1.');
  }
  await reachPosition(context, [model], args.atLeast);
  const row = await platform.reader.get(caller, model, args.id, {
    ...times,
    ...(typeof revision === 'number' ? { revision } : {}),
    ...(args.includeDeleted ? { includeDeleted: true } : {}),
  });
  if (isRefusal(row) && row.category === 'missing') return null;
  const found = shown(model, orThrow(row), times);
  context.viewed?.(model.record, String(found['id']));
  return found;
}

/** A record that a row points at; read for the same instants as the row. */
export async function related(
  model: ReadModel,
  id: unknown,
  row: Shown,
  context: GraphqlContext,
): Promise<Shown | null> {
  const times = row[TIMES];
  const found = await context.references.load(model, id, times);
  return found && shown(model, found, times);
}

function fieldResolvers(registry: Registry, model: ReadModel): Record<string, Resolver> {
  const fields: Record<string, Resolver> = {
    // Erasure takes the name; the id still tells records apart.
    label: (row: Shown) => row[model.label] || `${model.record} ${String(row['id']).slice(0, 8)}`,
  };
  for (const [name, column] of Object.entries(allColumns(model))) {
    if (isList(column)) fields[name] = (row: Shown) => row[name] ?? [];
  }
  for (const { field, column, target, many } of referencesOf(registry, model)) {
    fields[field] = many
      ? async (row: Shown, _args: unknown, context: GraphqlContext) => {
          const ids = (row[column] ?? []) as readonly string[];
          const all = ids.map((id) => related(target, id, row, context));
          return (await Promise.all(all)).filter((one) => one !== null);
        }
      : (row: Shown, _args: unknown, context: GraphqlContext) =>
          related(target, row[column], row, context);
  }
  if (isRelated(model)) {
    fields['relatedTo'] = (row: Shown, _args: unknown, context: GraphqlContext) => {
      const target = registry.modelOfRecord(String(row['relatedToType']));
      return target ? related(target, row['relatedToId'], row, context) : null;
    };
  }
  return fields;
}

/** Lists, single records and what their types show beside columns. */
export function recordResolvers(registry: Registry): ResolverMap {
  const query: Record<string, Resolver> = {};
  for (const model of listedModels(registry)) {
    query[model.name] = (_parent, args: ListArguments, context) => connection(model, args, context);
    query[model.record] = (_parent, args: RecordArguments, context) => record(model, args, context);
  }
  const types = [...registry.readModels.values()].map((model) => [
    typeName(model),
    fieldResolvers(registry, model),
  ]);
  return { Query: query, ...(Object.fromEntries(types) as ResolverMap) };
}

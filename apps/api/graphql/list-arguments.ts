import type { ReadModel } from '#kernel/read-model';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { checkFilter, Problems, type Filter } from '#platform/projections/list-checks';
import { MAX_LIMIT, parseListQuery, type ListQuery } from '#platform/projections/list-query';
import type { Past } from './context.js';
import { badArgument, RefusedQuery } from './errors.js';
import { pointInTime } from '#platform/projections/zone';

/** The arguments of a list, as the SDL declares them. */
export interface ListArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly filter?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> | null;
  readonly sort?: readonly { readonly field: string; readonly direction: 'asc' | 'desc' }[] | null;
  readonly search?: string | null;
  readonly asOf?: string | null;
  readonly knownAt?: string | null;
  readonly atLeast?: string | null;
  readonly archived?: string;
  readonly deleted?: string;
  readonly exactCount?: boolean | null;
}

/** How many records a page holds; more than a hundred is refused rather than cut. */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? 20;
  if (size >= 1 && size <= MAX_LIMIT) return size;
  throw badArgument(
    'first',
    'range',
    `first must be a whole number from 1 to ${MAX_LIMIT}.`,
    'Ask for the next page with after: pageInfo.endCursor.',
  );
}

/** Both instants of a question about the past. */
export function instants(
  args: { readonly asOf?: string | null; readonly knownAt?: string | null },
  timeZone: string,
): Past {
  const at = (name: 'asOf' | 'knownAt') => {
    const text = args[name];
    if (text === null || text === undefined) return undefined;
    const instant = pointInTime(text, timeZone);
    if (instant) return instant;
    throw badArgument(
      name,
      'instant',
      `${name} is neither an instant nor a day.`,
      'Give an instant such as 2026-03-01T09:30:00Z, or a day such as 2026-03-01.',
    );
  };
  const [asOf, knownAt] = [at('asOf'), at('knownAt')];
  return { ...(asOf ? { asOf } : {}), ...(knownAt ? { knownAt } : {}) };
}

function filtersOf(
  model: ReadModel,
  given: NonNullable<ListArguments['filter']>,
  timeZone: string,
  problems: Problems,
): Filter[] {
  const filters: Filter[] = [];
  for (const [field, operators] of Object.entries(given)) {
    for (const [operator, value] of Object.entries(operators ?? { eq: null })) {
      if (value === null || (Array.isArray(value) && value.includes(null))) {
        // A variable that is null by mistake would otherwise show everything.
        const message = `${field} cannot be compared with null.`;
        problems.add(`filter.${field}`, 'value', message, 'Ask with null: true or null: false.');
        continue;
      }
      const values = (Array.isArray(value) ? value : [value]).map(String);
      const filter = checkFilter(model, { field, operator, values }, timeZone, problems);
      if (filter) filters.push(filter);
    }
  }
  return filters;
}

/** Names of the REST parameters as the arguments here. */
const NAMES: Readonly<Record<string, string>> = { limit: 'first', cursor: 'after' };

/** A validated question to a read model; throws what is wrong with it, all at once. */
export function listQuery(model: ReadModel, args: ListArguments, timeZone: string): ListQuery {
  const limit = pageSize(args.first);
  const sort = (args.sort ?? []).map(({ field, direction }) =>
    direction === 'desc' ? `-${field}` : field,
  );
  const text = (value: string | null | undefined) => value ?? undefined;
  const query = parseListQuery(
    model,
    {
      limit: String(limit),
      cursor: text(args.after),
      search: text(args.search),
      asOf: text(args.asOf),
      knownAt: text(args.knownAt),
      archived: args.archived,
      deleted: args.deleted,
      ...(sort.length > 0 ? { sort: sort.join(',') } : {}),
      ...(args.exactCount ? { count: 'exact' } : {}),
    },
    timeZone,
  );
  const problems = new Problems();
  const filters = filtersOf(model, args.filter ?? {}, timeZone, problems);
  const refused = isRefusal(query) ? query : undefined;
  const details = [...(refused?.details ?? []), ...problems.details];
  if (details.length > 0) {
    const named = details.map((one) => ({ ...one, field: NAMES[one.field!] ?? one.field! }));
    const message =
      named.length === 1 ? named[0]!.message : `${named.length} arguments are not valid.`;
    const shape: Refusal = { ...problems.refusal()!, ...refused, message, details: named };
    throw new RefusedQuery(shape);
  }
  return { ...(query as ListQuery), filters };
}

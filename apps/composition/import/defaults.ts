import type { RequestContext } from '#kernel/context';
import { isRefusal } from '#kernel/refusal';
import type { Platform } from '#platform/platform';
import { parseListQuery, type ListQuery } from '#platform/projections/list-query';
import type { Page } from '#platform/projections/reader';
import type { Values } from './load.js';
import type { ImportTarget } from './targets.js';

/** What a new record gets where the file says nothing. */
export async function liveDefault(
  platform: Platform,
  ctx: RequestContext,
  { adjustment }: Pick<ImportTarget, 'adjustment'>,
): Promise<Values> {
  const values: Record<string, unknown> = {};
  for (const [field, given] of Object.entries(adjustment.defaults ?? {})) {
    values[field] = typeof given === 'string' ? given : await firstOf(platform, ctx, given);
  }
  return values;
}

async function firstOf(
  platform: Platform,
  ctx: RequestContext,
  { type, where }: { readonly type: string; readonly where: Readonly<Record<string, string>> },
): Promise<string | null> {
  const model = platform.registry.readModel(type);
  const query = parseListQuery(model, { ...where, limit: '1' }, 'UTC');
  if (isRefusal(query)) throw new Error(`${type}: ${(query as { message: string }).message}`);
  const page = await platform.reader.list(ctx, model, query as ListQuery);
  return isRefusal(page) ? null : (((page as Page).rows[0]?.['id'] as string) ?? null);
}

import type { Aggregate } from '#kernel/aggregate';
import { granteesOf, shareFor } from '#kernel/sharing';
import type { Call } from './call.js';

/**
 * How a caller reaches a record: by what their roles allow, or because it is shared with them to
 * change; undefined where they do not. Sharing carries no further than `update`.
 */
export function reachOf(
  { command, ctx, scope }: Call,
  aggregate: Aggregate,
  state: unknown,
  now: Date,
): 'role' | 'share' | undefined {
  if (scope === 'all' || command.creates || aggregate.status(state) === 'absent') return 'role';
  const owner = aggregate.owner?.(state) ?? null;
  if (owner === ctx.actor.id) return 'role';
  if (scope === 'team' && owner !== null && ctx.teamUserIds?.includes(owner)) return 'role';
  if (!command.permission.endsWith(':update')) return undefined;
  const share = shareFor(aggregate.shares?.(state) ?? [], granteesOf(ctx), now);
  return share?.access === 'change' ? 'share' : undefined;
}

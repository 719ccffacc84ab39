import { join } from 'node:path';
import { fold, streamId, type Aggregate } from '#kernel/aggregate';
import type { Actor, RequestContext } from '#kernel/context';
import { hashId, PLATFORM_TENANT } from '#kernel/ids';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { tenantDeletionEvents } from '#event-schemas/identity/tenant-deletion.events';
import { deletionOf, tenant, type TenantState } from '#identity/tenant/tenant';
import type { Config } from '#platform/config/config';
import { DeletionList } from '#platform/erasure/deletion-list';
import { TenantDeletion } from '#platform/erasure/tenant-deletion';
import { systemContext, type Platform } from '#platform/platform';

export type DeletionConfig = Pick<Config, 'dataDir' | 'erasuresDir'>;

/** Jobs of the platform's own tenant: those of the workspace stand still with it. */
export const DELETION_JOB = 'workspace-deletion';
export const NOTICE_JOB = 'workspace-deletion-notice';

const DAY_MS = 86_400_000;

/** What destroys workspaces of this product, wherever it keeps something of them. */
export function tenantDeletionOf(platform: Platform, config: DeletionConfig): TenantDeletion {
  return new TenantDeletion({
    platform,
    list: new DeletionList(config.erasuresDir),
    filesDir: join(config.dataDir, 'files'),
    farewell: 'RecordTenantDeletion',
  });
}

/** The day as people are told of it. */
export const deletionDay = (deleteAt: Date): string => deleteAt.toISOString().slice(0, 10);

interface Scheduled {
  /** Name of the workspace. */
  readonly name: string;
  readonly deleteAt: Date;
  /** Who wanted it deleted. */
  readonly by: Actor;
}

/** When a workspace is to be destroyed, and who wanted that; undefined where it is not. */
export async function scheduledDeletion(
  platform: Platform,
  tenantId: string,
): Promise<Scheduled | undefined> {
  const { store, codec } = platform;
  const loaded = await store.load(tenantId, streamId(tenant.category, tenantId), { orCopy: true });
  const events = await codec.decode(loaded.events);
  const state = fold(tenant as Aggregate, events) as TenantState;
  const deletion = deletionOf(state);
  if (!deletion || state.status === 'absent') return undefined;
  const { type } = tenantDeletionEvents.deletionScheduled;
  const { actor: by } = events.findLast((event) => event.type === type)!.meta;
  return { name: state.values.name, deleteAt: new Date(deletion.deleteAt), by };
}

/**
 * Closes a workspace to its people, has its owners told, and answers when it is destroyed. Refuses
 * a name that is not the workspace's.
 */
export async function scheduleDeletion(
  platform: Platform,
  caller: RequestContext,
  input: { readonly name: string; readonly days: number },
): Promise<Date | Refusal> {
  const { tenantId } = caller;
  const answer = await platform.dispatch('ScheduleTenantDeletion', input, caller, { id: tenantId });
  if (isRefusal(answer)) return answer;
  const { deleteAt } = (await scheduledDeletion(platform, tenantId))!;
  await begin(platform, NOTICE_JOB, tenantId, deleteAt.toISOString());
  return deleteAt;
}

/** A job of the platform about a workspace; the same one, however often it is begun. */
async function begin(platform: Platform, kind: string, tenantId: string, which: string) {
  const ctx = systemContext(PLATFORM_TENANT, 'deletion');
  await platform.jobs.start(kind, { tenantId }, ctx, hashId(kind, tenantId, which));
}

/**
 * Begins what is due for workspaces that are to be deleted: telling their owners, should that have
 * been cut short, and destroying them, with a try a day should that fail.
 */
export async function beginDeletions(platform: Platform, now: Date): Promise<void> {
  const { rows } = await platform.database
    .pool('projector')
    .query<{ id: string }>('SELECT tenant_id AS id FROM rm_tenants WHERE NOT is_active');
  for (const { id } of rows) {
    const deleteAt = (await scheduledDeletion(platform, id))?.deleteAt;
    if (!deleteAt) continue;
    const today = String(Math.floor(now.getTime() / DAY_MS));
    if (deleteAt > now) await begin(platform, NOTICE_JOB, id, deleteAt.toISOString());
    else await begin(platform, DELETION_JOB, id, today);
  }
}

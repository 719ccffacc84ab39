import { refusal, type Refusal } from '#kernel/refusal';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import type { Platform } from '#platform/platform';
import { storedEventBytes } from '#platform/usage/storage';
import type { ImportFiles } from './import/import-files.js';

export const GIGABYTE = 1_000_000_000;

/** What a workspace stores and may store, in bytes. */
export interface StorageUsage {
  readonly used: number;
  readonly limit: number;
}

/** Events and uploaded files of a workspace, and what its plan has room for. */
export async function storageOf(
  platform: Platform,
  files: ImportFiles,
  tenantId: string,
): Promise<StorageUsage> {
  const [workspace, events, uploads] = await Promise.all([
    platform.facts.state(tenantId, tenant, tenantId) as Promise<TenantState>,
    storedEventBytes(platform.database, tenantId),
    files.bytes(tenantId),
  ]);
  const gigabytes = workspace.status === 'absent' ? 0 : workspace.values.maxStorageGb;
  return { used: events + uploads, limit: gigabytes * GIGABYTE };
}

/** Refuses to add files and imports where the storage of the plan is used up. */
export async function storageFull(
  platform: Platform,
  files: ImportFiles,
  tenantId: string,
): Promise<Refusal | undefined> {
  const { used, limit } = await storageOf(platform, files, tenantId);
  if (used < limit) return undefined;
  const gigabytes = limit / GIGABYTE;
  const message = `The ${gigabytes} GB of storage that the plan of the workspace has are used up.`;
  const remedy =
    'Ask whoever operates the platform for a larger plan; uploads are deleted after a week. ' +
    'Exporting and deleting go on.';
  return refusal('LIMIT_REACHED', 'rule', message, [
    { field: 'storage', rule: 'plan', message, remedy, value: gigabytes },
  ]);
}

/** The refusal of a plan that has less room than is used. */
export function storageShort(gigabytes: number): Refusal {
  const message = `More is stored than the ${gigabytes} GB there would be.`;
  const remedy = 'Stay on a plan that has room for it: what happened is kept.';
  return refusal('LIMIT_EXCEEDED', 'rule', message, [
    { field: 'storage', rule: 'plan', message, remedy, value: gigabytes },
  ]);
}

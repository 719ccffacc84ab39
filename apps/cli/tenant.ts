import { isUuid } from '#kernel/ids';
import { deletionOf, tenant, type TenantState, type TenantValues } from '#identity/tenant/tenant';
import type { Platform } from '#platform/platform';
import { refusal } from '#kernel/refusal';
import { RefusedError, required, type Call } from './command.js';

export interface KnownTenant {
  readonly id: string;
  readonly status: 'active' | 'suspended';
  readonly values: TenantValues;
  /** From when on it is destroyed, as an instant; null where it is not to be deleted. */
  readonly deleteAt: string | null;
}

/** The tenant of an id, straight from the log. */
export async function findTenant(platform: Platform, id: string): Promise<KnownTenant | undefined> {
  const state = (await platform.facts.state(id, tenant, id)) as TenantState;
  if (state.status === 'absent') return undefined;
  const { status, values } = state;
  return { id, status, values, deleteAt: deletionOf(state)?.deleteAt ?? null };
}

/** The tenant `--tenant` names; refuses an id that is none. */
export async function tenantOf(call: Call, platform: Platform): Promise<KnownTenant> {
  const id = required(call, 'tenant').toLowerCase();
  const found = isUuid(id) ? await findTenant(platform, id) : undefined;
  if (found) return found;
  const message = `There is no tenant ${id}.`;
  const remedy = 'clientforge tenants list shows them all.';
  throw new RefusedError(refusal('NOT_FOUND', 'missing', message, [{ message, remedy }]));
}

export const tenantOption = {
  tenant: { type: 'string', value: 'ID', required: true, description: 'The tenant’s id.' },
} as const;

import type { Aggregate } from '#kernel/aggregate';
import {
  tenantEvents,
  type TenantEvent,
  type TenantPlan,
  type TenantProfile,
} from '#event-schemas/identity/tenant.events';

export type TenantValues = TenantProfile & TenantPlan;
export type TenantState =
  | { readonly status: 'absent' }
  | { readonly status: 'active'; readonly values: TenantValues }
  | { readonly status: 'suspended'; readonly values: TenantValues; readonly reason: string | null };

/** The workspace's values overlaid by what an event gives, the id left out. */
function overlay(state: TenantState, data: Readonly<Record<string, unknown>>): TenantValues {
  const { tenantId: _id, ...given } = data;
  const none = { trialEndsAt: null, subscriptionEndsAt: null };
  return { ...(state.status === 'absent' ? none : state.values), ...given } as TenantValues;
}

/** A workspace. Its stream lives inside the tenant itself: the id is the tenant's id. */
export const tenant: Aggregate<TenantState, TenantEvent> = {
  category: 'tenant',
  stateVersion: 1,
  initial: { status: 'absent' },
  events: tenantEvents,
  evolve(state, event) {
    const values = overlay(state, {});
    switch (event.type) {
      case 'TenantCreated':
        return { status: 'active', values: overlay(state, event.data) };
      case 'TenantChanged':
      case 'TenantPlanChanged':
        return { ...state, values: overlay(state, event.data) } as TenantState;
      case 'TenantSuspended':
        return { status: 'suspended', values, reason: event.data.reason };
      case 'TenantReactivated':
        return { status: 'active', values };
    }
  },
  status: (state) => (state.status === 'absent' ? 'absent' : 'active'),
};

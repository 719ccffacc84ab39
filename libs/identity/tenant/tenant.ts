import type { Aggregate } from '#kernel/aggregate';
import {
  defaultFollowUp,
  defaultMfaPolicy,
  defaultWorkCalendar,
  foldLimits,
  tenantEvents,
  type FieldLimit,
  type FollowUpSettings,
  type MfaPolicy,
  type TenantEvent,
  type TenantPlan,
  type TenantProfile,
  type WorkCalendar,
} from '#event-schemas/identity/tenant.events';

export type TenantValues = TenantProfile & TenantPlan;
/** What every workspace has, open or suspended. */
interface Opened {
  readonly values: TenantValues;
  readonly workCalendar: WorkCalendar;
  readonly followUp: FollowUpSettings;
  readonly mfaPolicy: MfaPolicy;
  readonly fieldLimits: readonly FieldLimit[];
  /** What the clock of a sandbox shows, as an instant; null: the workspace is no sandbox. */
  readonly testClock: string | null;
}
/** That a workspace is to be deleted, and how it was before. */
export interface ScheduledDeletion {
  /** As an instant. */
  readonly deleteAt: string;
  readonly wasOpen: boolean;
}
export type TenantState =
  /** Deleted: its id never stands for a workspace again. */
  | { readonly status: 'absent'; readonly deleted?: true }
  | (Opened & { readonly status: 'active' })
  | (Opened & {
      readonly status: 'suspended';
      readonly reason: string | null;
      readonly deletion: ScheduledDeletion | null;
    });

/** What an event gives, the id left out. */
function given(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { tenantId: _id, ...rest } = data;
  return rest;
}

function opened(state: TenantState): Opened {
  if (state.status !== 'absent') {
    const { values, workCalendar, followUp, mfaPolicy, fieldLimits, testClock } = state;
    return { values, workCalendar, followUp, mfaPolicy, fieldLimits, testClock };
  }
  const values = { trialEndsAt: null, subscriptionEndsAt: null } as TenantValues;
  return {
    values,
    workCalendar: defaultWorkCalendar,
    followUp: defaultFollowUp,
    mfaPolicy: defaultMfaPolicy,
    fieldLimits: [],
    testClock: null,
  };
}

/** When and from what a workspace is to be deleted; null where it is not. */
export const deletionOf = (state: TenantState): ScheduledDeletion | null =>
  state.status === 'suspended' ? state.deletion : null;

/** A workspace. Its stream lives inside the tenant itself: the id is the tenant's id. */
export const tenant: Aggregate<TenantState, TenantEvent> = {
  category: 'tenant',
  stateVersion: 5,
  initial: { status: 'absent' },
  events: tenantEvents,
  evolve(state, event): TenantState {
    const before = opened(state);
    const { values, workCalendar, followUp, mfaPolicy, fieldLimits } = before;
    switch (event.type) {
      case 'TenantCreated':
        return { ...before, status: 'active', values: { ...values, ...given(event.data) } };
      case 'TenantChanged':
      case 'TenantPlanChanged':
        return { ...state, values: { ...values, ...given(event.data) } } as TenantState;
      case 'TenantSuspended':
        return {
          ...before,
          status: 'suspended',
          reason: event.data.reason,
          deletion: deletionOf(state),
        };
      case 'TenantReactivated':
        return { ...before, status: 'active' };
      case 'TenantWorkCalendarChanged':
        return { ...state, workCalendar: { ...workCalendar, ...given(event.data) } } as TenantState;
      case 'TenantFollowUpChanged':
        return { ...state, followUp: { ...followUp, ...given(event.data) } } as TenantState;
      case 'TenantMfaPolicyChanged':
        return { ...state, mfaPolicy: { ...mfaPolicy, ...given(event.data) } } as TenantState;
      case 'TenantFieldLimitChanged':
        return { ...state, fieldLimits: foldLimits(fieldLimits, event.data) } as TenantState;
      case 'TenantSandboxOpened':
      case 'TenantTestClockAdvanced':
        return { ...state, testClock: event.data.testClock } as TenantState;
      case 'TenantExported':
        return state;
      case 'TenantDeletionScheduled': {
        const { deleteAt } = event.data;
        const wasOpen = state.status !== 'suspended';
        const reason = state.status === 'suspended' ? state.reason : null;
        return { ...before, status: 'suspended', reason, deletion: { deleteAt, wasOpen } };
      }
      case 'TenantDeletionCancelled':
        return { ...state, deletion: null } as TenantState;
      case 'TenantDeleted':
        return { status: 'absent', deleted: true };
    }
  },
  status: (state) => (state.status === 'absent' ? 'absent' : 'active'),
};

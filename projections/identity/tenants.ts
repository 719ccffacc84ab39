import {
  defaultFollowUp,
  defaultWorkCalendar,
  fieldLimits,
  foldLimits,
  followUpSettings,
  tenantPlan,
  tenantProfile,
  workCalendar,
  type FieldLimit,
  type FollowUpSettings,
  type TenantEvent,
} from '#event-schemas/identity/tenant.events';
import { flag, instant, nullable, object } from '#kernel/fields';
import { readModel } from '#kernel/read-model';

/** The workspace itself: one row per tenant, which nobody else sees. */
export const tenants = readModel<TenantEvent>({
  name: 'tenants',
  record: 'tenant',
  category: 'tenant',
  version: 3,
  description: 'The workspace: its name, region, plan and limits.',
  fields: {
    ...tenantProfile.required,
    ...tenantPlan.required,
    ...tenantPlan.optional,
    ...workCalendar.required,
    followUp: object(followUpSettings.required, { description: 'How won deals are followed up.' }),
    fieldLimits: fieldLimits(),
    testClock: nullable(
      instant({ description: 'What the clock of a sandbox shows; null in any other workspace.' }),
    ),
    isActive: flag({ description: 'False while the workspace is suspended.' }),
  },
  filterable: ['name', 'slug', 'planType', 'isActive', 'trialEndsAt', 'subscriptionEndsAt'],
  sortable: ['name', 'slug', 'planType', 'trialEndsAt'],
  searchable: ['name', 'slug'],
  owner: null,
  label: 'name',
  evolve(row, event) {
    const { tenantId: _id, ...data } = event.data as Record<string, unknown>;
    switch (event.type) {
      case 'TenantCreated':
        return {
          trialEndsAt: null,
          subscriptionEndsAt: null,
          ...defaultWorkCalendar,
          followUp: defaultFollowUp,
          fieldLimits: [],
          testClock: null,
          ...data,
          isActive: true,
          archivedAt: null,
          deletedAt: null,
        };
      case 'TenantChanged':
      case 'TenantPlanChanged':
      case 'TenantWorkCalendarChanged':
      case 'TenantSandboxOpened':
      case 'TenantTestClockAdvanced':
        return { ...row, ...data };
      case 'TenantFollowUpChanged':
        return { ...row, followUp: { ...(row?.['followUp'] as FollowUpSettings), ...data } };
      case 'TenantFieldLimitChanged': {
        const before = (row?.['fieldLimits'] ?? []) as readonly FieldLimit[];
        return { ...row, fieldLimits: foldLimits(before, event.data) };
      }
      case 'TenantSuspended':
      case 'TenantDeletionScheduled':
      case 'TenantDeleted':
        return { ...row, isActive: false };
      case 'TenantReactivated':
        return { ...row, isActive: true };
      case 'TenantMfaPolicyChanged':
      case 'TenantExported':
      case 'TenantDeletionCancelled':
        return row ?? {};
    }
  },
});

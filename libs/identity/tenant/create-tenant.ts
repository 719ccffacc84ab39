import { defineCommand, type Decision } from '#kernel/command';
import { flag, object, optional } from '#kernel/fields';
import {
  tenantPlan,
  tenantProfile,
  type PlanType,
  type TenantEvent,
} from '#event-schemas/identity/tenant.events';
import { regionProblem } from '../region.js';
import { refuse, slugProblem, slugReservation } from './rules.js';
import { tenant } from './tenant.js';

/** What each plan includes when nothing else was agreed. */
export const planLimits: Readonly<
  Record<PlanType, { readonly maxUsers: number; readonly maxStorageGb: number }>
> = {
  starter: { maxUsers: 5, maxStorageGb: 10 },
  professional: { maxUsers: 25, maxStorageGb: 100 },
  business: { maxUsers: 100, maxStorageGb: 500 },
  enterprise: { maxUsers: 10_000, maxStorageGb: 10_000 },
};

const { name, slug, ...region } = tenantProfile.required;

export const createTenant = defineCommand({
  name: 'CreateTenant',
  description: 'Opens a workspace; its id is the id of the new tenant.',
  aggregate: tenant,
  permission: 'tenant:create',
  creates: true,
  internal: true,
  rest: { method: 'POST', path: '/tenants' },
  input: object({
    name,
    slug,
    timeZone: optional(region.timeZone),
    locale: optional(region.locale),
    currency: optional(region.currency),
    ...tenantPlan.change,
    sandbox: optional(flag({ description: 'For trying things out: time passes when told to.' })),
  }),
  decide({ sandbox, ...command }, state, ctx): Decision<TenantEvent> {
    if (state.status !== 'absent' || state.deleted) return refuse('ALREADY_EXISTS');
    if (ctx.id !== ctx.tenantId) return refuse('NOT_FOUND');
    const problem = slugProblem(command.slug) ?? regionProblem(command);
    if (problem) return problem;
    const planType = command.planType ?? 'starter';
    const data = {
      tenantId: ctx.id,
      timeZone: 'UTC',
      locale: 'en',
      currency: 'USD',
      ...planLimits[planType],
      trialEndsAt: null,
      subscriptionEndsAt: null,
      ...command,
      planType,
    };
    const testClock = ctx.now.toISOString();
    const events: TenantEvent[] = [{ type: 'TenantCreated', data }];
    if (sandbox) {
      events.push({ type: 'TenantSandboxOpened', data: { tenantId: ctx.id, testClock } });
    }
    return { events, take: [slugReservation(command.slug)] };
  },
  inverse: {
    irreversible: 'A workspace keeps its log: it is suspended or deleted, never taken back.',
  },
});

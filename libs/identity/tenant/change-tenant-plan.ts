import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { formerValues } from '#kernel/inverse';
import { changedFields } from '#kernel/record-rules';
import { tenantPlan, type TenantEvent } from '#event-schemas/identity/tenant.events';
import { requireOwn, valuesOf } from './rules.js';
import { planLimits } from './create-tenant.js';
import { seatsFit } from './seats.js';
import { tenant } from './tenant.js';

export const changeTenantPlan = defineCommand({
  name: 'ChangeTenantPlan',
  description: 'Changes the plan of a workspace, its limits or how long it lasts.',
  aggregate: tenant,
  permission: 'tenant:plan',
  internal: true,
  rest: { method: 'PUT', path: '/tenants/:id/plan' },
  input: object(tenantPlan.change),
  decide(command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    // Another plan brings its own limits along, unless others are named.
    const { planType } = command;
    const moved = planType !== undefined && planType !== valuesOf(state).planType;
    const asked = moved ? { ...planLimits[planType], ...command } : command;
    const changes = changedFields(valuesOf(state), asked, Object.keys(tenantPlan.change));
    if (Object.keys(changes).length === 0) return [];
    const events: TenantEvent[] = [
      { type: 'TenantPlanChanged', data: { tenantId: ctx.id, ...changes } },
    ];
    const { maxUsers } = changes as { maxUsers?: number };
    const before = valuesOf(state).maxUsers;
    return maxUsers === undefined || maxUsers >= before
      ? events
      : { events, fits: seatsFit(maxUsers) };
  },
  inverse: {
    undoneBy: 'ChangeTenantPlan',
    // A plan that comes back brings no limits along but those there were.
    input: ({ before, events }) => {
      const { data } = events[0]!;
      const { maxUsers, maxStorageGb } = valuesOf(before);
      const limits = 'planType' in data ? { maxUsers, maxStorageGb } : {};
      return { ...limits, ...formerValues(data, valuesOf(before)) };
    },
  },
});

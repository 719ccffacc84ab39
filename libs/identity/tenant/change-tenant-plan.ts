import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { formerValues } from '#kernel/inverse';
import { changedFields } from '#kernel/record-commands';
import { tenantPlan, type TenantEvent } from '#event-schemas/identity/tenant.events';
import { requireOwn, valuesOf } from './rules.js';
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
    const changes = changedFields(valuesOf(state), command, Object.keys(tenantPlan.change));
    if (Object.keys(changes).length === 0) return [];
    return [{ type: 'TenantPlanChanged', data: { tenantId: ctx.id, ...changes } }];
  },
  inverse: {
    undoneBy: 'ChangeTenantPlan',
    input: ({ before, events }) => formerValues(events[0]!.data, valuesOf(before)),
  },
});

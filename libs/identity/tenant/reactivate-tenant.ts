import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { TenantEvent } from '#event-schemas/identity/tenant.events';
import { refuse, requireOwn } from './rules.js';
import { deletionOf, tenant } from './tenant.js';

export const reactivateTenant = defineCommand({
  name: 'ReactivateTenant',
  description: 'Opens a suspended workspace again.',
  aggregate: tenant,
  permission: 'tenant:suspend',
  internal: true,
  rest: { method: 'POST', path: '/tenants/:id/reactivate' },
  input: object({}),
  decide(_command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    if (state.status !== 'suspended') return [];
    if (deletionOf(state)) return refuse('DELETION_SCHEDULED');
    return [{ type: 'TenantReactivated', data: { tenantId: ctx.id } }];
  },
  inverse: {
    undoneBy: 'SuspendTenant',
    input: ({ before }) => ({
      reason: before.status === 'suspended' ? before.reason : null,
    }),
  },
});

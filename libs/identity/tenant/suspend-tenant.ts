import { defineCommand, type Decision } from '#kernel/command';
import { nullable, object, optional, text } from '#kernel/fields';
import type { TenantEvent } from '#event-schemas/identity/tenant.events';
import { requireOwn } from './rules.js';
import { tenant } from './tenant.js';

export const suspendTenant = defineCommand({
  name: 'SuspendTenant',
  description: 'Closes a workspace to its people; nothing is lost.',
  aggregate: tenant,
  permission: 'tenant:suspend',
  internal: true,
  rest: { method: 'POST', path: '/tenants/:id/suspend' },
  input: object({ reason: optional(nullable(text(500))) }),
  decide(command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    if (state.status === 'suspended') return [];
    const data = { tenantId: ctx.id, reason: command.reason ?? null };
    return [{ type: 'TenantSuspended', data }];
  },
  inverse: { undoneBy: 'ReactivateTenant' },
});

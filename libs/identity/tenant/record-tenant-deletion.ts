import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { TenantEvent } from '#event-schemas/identity/tenant.events';
import { requireOwn } from './rules.js';
import { tenant } from './tenant.js';

export const recordTenantDeletion = defineCommand({
  name: 'RecordTenantDeletion',
  description: 'The last thing that happens in a workspace, just before its keys are destroyed.',
  aggregate: tenant,
  permission: 'tenant:delete',
  internal: true,
  rest: { method: 'POST', path: '/tenants/:id/deletion/record' },
  input: object({}),
  decide(_command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    return [{ type: 'TenantDeleted', data: { tenantId: ctx.id } }];
  },
  inverse: { irreversible: 'The keys of a deleted workspace are destroyed.' },
});

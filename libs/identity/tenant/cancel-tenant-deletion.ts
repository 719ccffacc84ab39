import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { TenantEvent } from '#event-schemas/identity/tenant.events';
import { requireOwn } from './rules.js';
import { deletionOf, tenant } from './tenant.js';

export const cancelTenantDeletion = defineCommand({
  name: 'CancelTenantDeletion',
  description: 'Keeps a workspace that was to be deleted: it is as it was before.',
  aggregate: tenant,
  permission: 'tenant:suspend',
  internal: true,
  rest: { method: 'POST', path: '/tenants/:id/deletion/cancel' },
  input: object({}),
  decide(_command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    const deletion = deletionOf(state);
    if (!deletion) return [];
    const tenantId = ctx.id;
    const events: TenantEvent[] = [{ type: 'TenantDeletionCancelled', data: { tenantId } }];
    if (deletion.wasOpen) events.push({ type: 'TenantReactivated', data: { tenantId } });
    return events;
  },
  inverse: { irreversible: 'Whoever wants it deleted after all decides so anew.' },
});

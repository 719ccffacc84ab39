import { defineCommand, type Decision } from '#kernel/command';
import { integer, object, text } from '#kernel/fields';
import type { TenantEvent } from '#event-schemas/identity/tenant.events';
import { refuse, requireOwn, valuesOf } from './rules.js';
import { deletionOf, tenant } from './tenant.js';

const DAY_MS = 86_400_000;

export const scheduleTenantDeletion = defineCommand({
  name: 'ScheduleTenantDeletion',
  description: 'Closes a workspace to its people and has it destroyed after a time.',
  aggregate: tenant,
  permission: 'tenant:delete',
  internal: true,
  rest: { method: 'POST', path: '/tenants/:id/deletion' },
  input: object({
    name: text(255, { description: 'Name of the workspace, typed once more.' }),
    days: integer(0, 3_650, { description: 'Days until it is destroyed.' }),
  }),
  decide({ name, days }, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    if (name.trim() !== valuesOf(state).name) {
      return refuse('NAME_DIFFERS', {
        field: 'name',
        rule: 'equal',
        message: 'This is not the name of the workspace.',
        remedy: 'Type the name exactly as the page shows it.',
      });
    }
    // The day people were told stays.
    if (deletionOf(state)) return [];
    const tenantId = ctx.id;
    const deleteAt = new Date(ctx.now.getTime() + days * DAY_MS).toISOString();
    const events: TenantEvent[] = [
      { type: 'TenantDeletionScheduled', data: { tenantId, deleteAt } },
    ];
    if (state.status === 'active') {
      events.push({ type: 'TenantSuspended', data: { tenantId, reason: null } });
    }
    return events;
  },
  inverse: { irreversible: 'Nobody can undo it from inside; its operator keeps the workspace.' },
});

import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { RoleEvent } from '#event-schemas/identity/role.events';
import { role } from './role.js';
import { existing, nameReservation, refuse, requireRole } from './rules.js';

export const deleteRole = defineCommand({
  name: 'DeleteRole',
  description: 'Deletes a role nobody has any more; its history stays and it can be restored.',
  aggregate: role,
  permission: 'roles:delete',
  rest: { method: 'DELETE', path: '/roles/:id' },
  input: object({}),
  decide(_command, state, ctx): Decision<RoleEvent> {
    const refused = requireRole(state);
    if (refused) return refused;
    const { memberIds, values } = existing(state);
    if (memberIds.length > 0) {
      const message = `${memberIds.length} people have this role.`;
      const remedy = 'Take it from them first.';
      return refuse('ROLE_IN_USE', { field: 'memberIds', rule: 'unused', message, remedy });
    }
    return {
      events: [{ type: 'RoleDeleted', data: { roleId: ctx.id } }],
      release: [nameReservation(values.name)],
    };
  },
  inverse: { undoneBy: 'RestoreRole' },
});

import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { RoleEvent } from '#event-schemas/identity/role.events';
import { aboveOwn } from '../access/grants.js';
import { role } from './role.js';
import { nameReservation, refuse } from './rules.js';

export const restoreRole = defineCommand({
  name: 'RestoreRole',
  description: 'Brings a deleted role back, with the permissions it had and without people.',
  aggregate: role,
  permission: 'roles:update',
  rest: { method: 'POST', path: '/roles/:id/restore' },
  input: object({}),
  decide(_command, state, ctx): Decision<RoleEvent> {
    if (state.status === 'absent') return refuse('NOT_FOUND');
    if (state.status === 'active') return [];
    const problem = aboveOwn(state.values.grants, ctx);
    if (problem) return problem;
    return {
      events: [{ type: 'RoleRestored', data: { roleId: ctx.id } }],
      take: [nameReservation(state.values.name)],
    };
  },
  inverse: { undoneBy: 'DeleteRole' },
});

import { defineCommand, type Decision } from '#kernel/command';
import { object, uuid } from '#kernel/fields';
import type { RoleEvent } from '#event-schemas/identity/role.events';
import { role } from './role.js';
import { existing, requireRole } from './rules.js';

export const takeRole = defineCommand({
  name: 'TakeRole',
  description: 'Takes a role from a person; what it allowed ends at once.',
  aggregate: role,
  permission: 'users:administer',
  rest: { method: 'DELETE', path: '/roles/:id/members/:userId' },
  input: object({ userId: uuid({ description: 'Who has it.' }) }),
  decide({ userId }, state, ctx): Decision<RoleEvent> {
    const refused = requireRole(state);
    if (refused) return refused;
    if (!existing(state).memberIds.includes(userId)) return [];
    return [{ type: 'RoleTaken', data: { roleId: ctx.id, userId } }];
  },
  inverse: { undoneBy: 'GiveRole', input: ({ command: { userId } }) => ({ userId }) },
});

import { defineCommand, type Decision } from '#kernel/command';
import { choice, object, optional, uuid } from '#kernel/fields';
import { userRoles, type UserEvent } from '#event-schemas/identity/user.events';
import { enabled, lastOwner, outranked, ownershipFacts, requireEnabled } from './rules.js';
import { user } from './user.js';

export const changeUserRole = defineCommand({
  name: 'ChangeUserRole',
  description: 'Gives a person another role.',
  aggregate: user,
  permission: 'users:administer',
  rest: { method: 'PUT', path: '/users/:id/role' },
  input: object({
    role: choice(userRoles),
    remainingOwnerId: optional(
      uuid({ description: 'Another owner who stays; the caller when left out.' }),
    ),
  }),
  facts: (command, _state, caller) => ownershipFacts(command.remainingOwnerId, caller),
  decide({ role }, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    const { role: before } = enabled(state);
    if (role === before) return [];
    const problem =
      outranked([before, role], ctx.facts.caller, ctx) ?? lastOwner(state, ctx.facts.witness);
    if (problem) return problem;
    return [{ type: 'UserRoleChanged', data: { userId: ctx.id, role } }];
  },
  inverse: {
    undoneBy: 'ChangeUserRole',
    input: ({ before }) => ({ role: enabled(before).role }),
  },
});

import { defineCommand, type Decision } from '#kernel/command';
import { object, optional, uuid } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { freedSeat } from '../tenant/seats.js';
import { isAbsent, lastOwner, outranked, ownershipFacts, refuse } from './rules.js';
import { user } from './user.js';

export const deactivateUser = defineCommand({
  name: 'DeactivateUser',
  description: 'Shuts a person out; what they own and did stays, and they can come back.',
  aggregate: user,
  permission: 'users:administer',
  rest: { method: 'POST', path: '/users/:id/deactivate' },
  input: object({
    remainingOwnerId: optional(
      uuid({ description: 'Another owner who stays; the caller when left out.' }),
    ),
  }),
  facts: (command, _state, caller) => ownershipFacts(command.remainingOwnerId, caller),
  decide(_command, state, ctx): Decision<UserEvent> {
    if (isAbsent(state)) return refuse('NOT_FOUND');
    if (state.status === 'deactivated') return [];
    if (ctx.actor.type === 'user' && ctx.actor.id === ctx.id) return refuse('OWN_ACCOUNT');
    const problem =
      outranked([state.role], ctx.facts.caller, ctx) ?? lastOwner(state, ctx.facts.witness);
    if (problem) return problem;
    const events: UserEvent[] = [{ type: 'UserDeactivated', data: { userId: ctx.id } }];
    return { events, release: freedSeat };
  },
  // Whoever comes back is seen by the directory again.
  inverse: { undoneBy: 'ReactivateUser', derived: ['isRemoved'] },
});

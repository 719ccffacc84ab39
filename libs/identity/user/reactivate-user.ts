import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { seatIn, workspaceOf } from '../tenant/seats.js';
import { callerOf, isAbsent, outranked, refuse } from './rules.js';
import { user } from './user.js';

export const reactivateUser = defineCommand({
  name: 'ReactivateUser',
  description: 'Takes a deactivated person back, as they were before.',
  aggregate: user,
  permission: 'users:administer',
  rest: { method: 'POST', path: '/users/:id/reactivate' },
  input: object({}),
  facts: (_command, _state, caller) => ({
    caller: callerOf(caller),
    workspace: workspaceOf(caller),
  }),
  decide(_command, state, ctx): Decision<UserEvent> {
    if (isAbsent(state)) return refuse('NOT_FOUND');
    if (state.status !== 'deactivated') return [];
    const problem = outranked([state.role], ctx.facts.caller, ctx);
    if (problem) return problem;
    const data = { userId: ctx.id, status: state.before };
    const seat = state.before === 'not_invited' ? [] : seatIn(ctx.facts.workspace);
    return { events: [{ type: 'UserReactivated', data }], take: seat };
  },
  inverse: { undoneBy: 'DeactivateUser' },
});

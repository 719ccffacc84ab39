import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { seatIn, workspaceOf } from '../tenant/seats.js';
import { callerOf, emailMissing, enabled, outranked, requireEnabled } from './rules.js';
import { user } from './user.js';

export const activateUser = defineCommand({
  name: 'ActivateUser',
  description: 'Lets a person sign in.',
  aggregate: user,
  permission: 'users:administer',
  rest: { method: 'POST', path: '/users/:id/activate' },
  input: object({}),
  facts: (_command, _state, caller) => ({
    caller: callerOf(caller),
    workspace: workspaceOf(caller),
  }),
  decide(_command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    const { role, status, values } = enabled(state);
    if (status === 'active') return [];
    if (!values.email) return emailMissing();
    const problem = outranked([role], ctx.facts.caller, ctx);
    if (problem) return problem;
    const events: UserEvent[] = [{ type: 'UserActivated', data: { userId: ctx.id } }];
    return { events, take: seatIn(ctx.facts.workspace) };
  },
  inverse: {
    irreversible: 'Who may sign in has perhaps done so; deactivate them to shut them out.',
  },
});

import { defineCommand, type Decision } from '#kernel/command';
import { choice, object, optional } from '#kernel/fields';
import {
  enabledStatuses,
  userFields,
  userRoles,
  type UserEvent,
} from '#event-schemas/identity/user.events';
import { regionProblem } from '../region.js';
import { seatIn, workspaceOf } from '../tenant/seats.js';
import { callerOf, emailMissing, emailReservation, outranked, refuse } from './rules.js';
import { user } from './user.js';

export const createUser = defineCommand({
  name: 'CreateUser',
  description: 'Adds a person to the workspace; without an invitation they only own records.',
  aggregate: user,
  permission: 'users:create',
  creates: true,
  rest: { method: 'POST', path: '/users' },
  input: object({
    ...userFields.create,
    role: choice(userRoles, { description: 'What the person may do.' }),
    status: optional(choice(enabledStatuses, { description: 'not_invited when left out.' })),
  }),
  facts: ({ status = 'not_invited' }, _state, caller) => ({
    caller: callerOf(caller),
    workspace: status === 'not_invited' ? undefined : workspaceOf(caller),
  }),
  decide(command, state, ctx): Decision<UserEvent> {
    if (state.status !== 'absent') return refuse('ALREADY_EXISTS');
    const status = command.status ?? 'not_invited';
    if (status !== 'not_invited' && !command.email) return emailMissing();
    const problem = outranked([command.role], ctx.facts.caller, ctx) ?? regionProblem(command);
    if (problem) return problem;
    const data = { userId: ctx.id, ...command, status };
    const seat = seatIn(ctx.facts.workspace);
    const take = [...emailReservation(command.email), ...seat];
    return { events: [{ type: 'UserCreated', data }], take };
  },
  inverse: {
    irreversible: 'Records and history name people, so nobody is taken back; deactivate them.',
  },
});

import { defineCommand, type Decision } from '#kernel/command';
import type { RoleEvent } from '#event-schemas/identity/role.events';
import { aboveOwn } from '../access/grants.js';
import { role } from './role.js';
import { createInput, nameReservation, refuse, roleProblem } from './rules.js';

export const createRole = defineCommand({
  name: 'CreateRole',
  description: 'Creates a role; nobody puts a permission in it that they do not have.',
  aggregate: role,
  permission: 'roles:create',
  creates: true,
  rest: { method: 'POST', path: '/roles' },
  input: createInput,
  decide(command, state, ctx): Decision<RoleEvent> {
    if (state.status !== 'absent') return refuse('ALREADY_EXISTS');
    const problem = roleProblem(command) ?? aboveOwn(command.grants, ctx);
    if (problem) return problem;
    const data = { roleId: ctx.id, ...command, description: command.description ?? null };
    return { events: [{ type: 'RoleCreated', data }], take: [nameReservation(command.name)] };
  },
  inverse: { undoneBy: 'DeleteRole' },
});

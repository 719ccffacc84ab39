import { defineCommand, type Decision } from '#kernel/command';
import { formerValues } from '#kernel/inverse';
import { changedFields } from '#kernel/record-rules';
import type { RoleEvent } from '#event-schemas/identity/role.events';
import { aboveOwn, type Grant } from '../access/grants.js';
import { role } from './role.js';
import { changeInput, existing, nameReservation, requireRole, roleProblem } from './rules.js';

/** The grants a change adds or widens; to take one away needs no right to it. */
function added(before: readonly Grant[], after: readonly Grant[] | undefined): readonly Grant[] {
  const held = new Map(before.map(({ permission, scope }) => [permission, scope]));
  return (after ?? []).filter(({ permission, scope }) => held.get(permission) !== scope);
}

export const changeRole = defineCommand({
  name: 'ChangeRole',
  description: 'Changes name, description or permissions of a role; it takes effect at once.',
  aggregate: role,
  permission: 'roles:update',
  rest: { method: 'PATCH', path: '/roles/:id' },
  input: changeInput,
  decide(command, state, ctx): Decision<RoleEvent> {
    const refused = requireRole(state);
    if (refused) return refused;
    const { values: before } = existing(state);
    const problem = roleProblem(command) ?? aboveOwn(added(before.grants, command.grants), ctx);
    if (problem) return problem;
    const changes = changedFields(before, command, ['name', 'description', 'grants']);
    if (Object.keys(changes).length === 0) return [];
    const [was, is] = [nameReservation(before.name), nameReservation(command.name ?? before.name)];
    return {
      events: [{ type: 'RoleChanged', data: { roleId: ctx.id, ...changes } }],
      ...(was.value === is.value ? {} : { take: [is], release: [was] }),
    };
  },
  inverse: {
    undoneBy: 'ChangeRole',
    input: ({ before, events }) => formerValues(events[0]!.data, existing(before).values),
  },
});

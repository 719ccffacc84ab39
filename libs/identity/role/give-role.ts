import { defineCommand, type Decision } from '#kernel/command';
import { object, uuid } from '#kernel/fields';
import { missingReferences, referenceFacts } from '#kernel/record-rules';
import type { RoleEvent } from '#event-schemas/identity/role.events';
import { aboveOwn } from '../access/grants.js';
import { role } from './role.js';
import { existing, MAX_MEMBERS, refuse, requireRole } from './rules.js';

export const giveRole = defineCommand({
  name: 'GiveRole',
  description: 'Gives a person a role beside those they have; the widest scope of each counts.',
  aggregate: role,
  permission: 'users:administer',
  rest: { method: 'POST', path: '/roles/:id/members' },
  input: object({ userId: uuid({ description: 'Who gets it.' }) }),
  facts: (command) => referenceFacts(command, { userId: 'user' }),
  decide(command, state, ctx): Decision<RoleEvent> {
    const refused = requireRole(state) ?? missingReferences(command, { userId: 'user' }, ctx.facts);
    if (refused) return refused;
    const { memberIds, values } = existing(state);
    const { userId } = command;
    if (memberIds.includes(userId)) return [];
    if (memberIds.length >= MAX_MEMBERS) return refuse('ROLE_FULL');
    const problem = aboveOwn(values.grants, ctx);
    return problem ?? [{ type: 'RoleGiven', data: { roleId: ctx.id, userId } }];
  },
  inverse: { undoneBy: 'TakeRole', input: ({ command: { userId } }) => ({ userId }) },
});

import { defineCommand, type Decision } from '#kernel/command';
import { nullable, object, uuid } from '#kernel/fields';
import type { Living } from '#kernel/record-life';
import { missingReferences, referenceFacts, requireActive } from '#kernel/record-rules';
import type { TeamEvent } from '#event-schemas/identity/team.events';
import { team } from './team.js';

export const changeTeamManager = defineCommand({
  name: 'ChangeTeamManager',
  description: 'Gives a team to another manager, or to nobody.',
  aggregate: team,
  permission: 'teams:update',
  rest: { method: 'PUT', path: '/teams/:id/manager' },
  input: object({ managerId: nullable(uuid()) }),
  facts: (command) => referenceFacts(command, { managerId: 'user' }),
  decide(command, state, ctx): Decision<TeamEvent> {
    const refused =
      requireActive(state) ?? missingReferences(command, { managerId: 'user' }, ctx.facts);
    if (refused) return refused;
    const { values } = state as Living<{ managerId: string | null }>;
    if (values.managerId === command.managerId) return [];
    return [{ type: 'TeamManagerChanged', data: { teamId: ctx.id, ...command } }];
  },
  inverse: {
    undoneBy: 'ChangeTeamManager',
    input: ({ before }) => ({
      managerId: (before as Living<{ managerId: string | null }>).values.managerId,
    }),
  },
});

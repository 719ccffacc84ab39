import { defineCommand, type Decision } from '#kernel/command';
import { object, uuid } from '#kernel/fields';
import { requireActive } from '#kernel/record-rules';
import type { TeamEvent } from '#event-schemas/identity/team.events';
import { membersOf, team } from './team.js';

export const removeTeamMember = defineCommand({
  name: 'RemoveTeamMember',
  description: 'Takes a person out of a team.',
  aggregate: team,
  permission: 'teams:update',
  rest: { method: 'DELETE', path: '/teams/:id/members/:userId' },
  input: object({ userId: uuid() }),
  decide({ userId }, state, ctx): Decision<TeamEvent> {
    const refused = requireActive(state);
    if (refused) return refused;
    if (!membersOf(state).includes(userId)) return [];
    return [{ type: 'TeamMemberRemoved', data: { teamId: ctx.id, userId } }];
  },
  inverse: {
    undoneBy: 'AddTeamMember',
    input: ({ command: { userId } }) => ({ userId }),
  },
});

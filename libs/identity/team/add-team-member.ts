import { defineCommand, type Decision } from '#kernel/command';
import { object, uuid } from '#kernel/fields';
import { missingReferences, referenceFacts, requireActive } from '#kernel/record-rules';
import { refuseWith } from '#kernel/refusal';
import type { TeamEvent } from '#event-schemas/identity/team.events';
import { membersOf, team } from './team.js';

/** Most people in one team. */
export const MAX_MEMBERS = 500;

const refuse = refuseWith({
  TEAM_FULL: { category: 'rule', message: `A team has at most ${MAX_MEMBERS} members.` },
});

export const addTeamMember = defineCommand({
  name: 'AddTeamMember',
  description: 'Takes a person into a team.',
  aggregate: team,
  permission: 'teams:update',
  rest: { method: 'POST', path: '/teams/:id/members' },
  input: object({ userId: uuid() }),
  facts: (command) => referenceFacts(command, { userId: 'user' }),
  decide(command, state, ctx): Decision<TeamEvent> {
    const refused =
      requireActive(state) ?? missingReferences(command, { userId: 'user' }, ctx.facts);
    if (refused) return refused;
    const members = membersOf(state);
    if (members.includes(command.userId)) return [];
    if (members.length >= MAX_MEMBERS) return refuse('TEAM_FULL');
    return [{ type: 'TeamMemberAdded', data: { teamId: ctx.id, userId: command.userId } }];
  },
  inverse: {
    undoneBy: 'RemoveTeamMember',
    input: ({ command: { userId } }) => ({ userId }),
  },
});

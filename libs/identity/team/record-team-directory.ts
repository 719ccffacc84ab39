import { defineCommand, type Decision } from '#kernel/command';
import { nullable, object, text, uuid } from '#kernel/fields';
import { requireActive } from '#kernel/record-rules';
import type { TeamEvent } from '#event-schemas/identity/team.events';
import { team, type TeamState } from './team.js';

export const recordTeamDirectory = defineCommand({
  name: 'RecordTeamDirectory',
  description: 'Keeps the id a directory gave a team.',
  aggregate: team,
  permission: 'teams:update',
  internal: true,
  rest: { method: 'POST', path: '/teams/:id/directory' },
  input: object({ scimConnectionId: uuid(), externalId: nullable(text(255)) }),
  decide(command, state, ctx): Decision<TeamEvent> {
    const refused = requireActive(state);
    if (refused) return refused;
    const { externalId } = state as Exclude<TeamState, { status: 'absent' }>;
    if (externalId === command.externalId) return [];
    return [{ type: 'TeamDirectoryChanged', data: { teamId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'The directory says so again; change it there.' },
});

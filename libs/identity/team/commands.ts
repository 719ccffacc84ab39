import { teamLife } from '#event-schemas/identity/team.events';
import { commandList } from '#kernel/command';
import { recordCommands } from '#kernel/record-commands';
import { addTeamMember } from './add-team-member.js';
import { changeTeamManager } from './change-team-manager.js';
import { recordTeamDirectory } from './record-team-directory.js';
import { removeTeamMember } from './remove-team-member.js';
import { team } from './team.js';

const life = recordCommands(team, teamLife, {
  collection: 'teams',
  names: {
    create: 'CreateTeam',
    change: 'ChangeTeam',
    archive: 'ArchiveTeam',
    restore: 'RestoreTeam',
    delete: 'DeleteTeam',
    changeTags: 'ChangeTeamTags',
    changeOwner: 'ChangeTeamOwner',
  },
  references: { managerId: 'user' },
  duplicates: [{ readModel: 'teams', fields: ['name'], severity: 'warn' }],
});

/** Every command a team takes. */
export const teamCommands = commandList(
  ...Object.values(life),
  addTeamMember,
  removeTeamMember,
  changeTeamManager,
  recordTeamDirectory,
);

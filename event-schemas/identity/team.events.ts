import { defineEvent, type EventOf, type EventsOf } from '#kernel/event';
import { nullable, object, recordFields, text, uuid } from '#kernel/fields';
import { recordLife } from '#kernel/record-life';

/** The fields of a team; its members have events of their own. */
export const teamFields = recordFields(
  { name: text(100, { description: 'Name of the team.', examples: ['Enterprise sales'] }) },
  {
    description: text(2_000),
    region: text(100, { description: 'Part of the world the team looks after.' }),
    managerId: uuid({ description: 'Who leads the team.' }),
  },
);

const TEAM_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const USER_ID = '01890a5d-ac96-774b-bcce-b302099a8058';

export const teamLife = recordLife({
  record: 'team',
  names: {
    created: 'TeamCreated',
    changed: 'TeamChanged',
    archived: 'TeamArchived',
    restored: 'TeamRestored',
    deleted: 'TeamDeleted',
    tagsChanged: 'TeamTagsChanged',
    ownerChanged: 'TeamOwnerChanged',
  },
  fields: teamFields,
  samples: {
    created: { name: 'Enterprise sales', region: 'EMEA', managerId: USER_ID },
    changed: { region: 'DACH' },
  },
});

const member = { teamId: uuid(), userId: uuid() };

export const memberEventTable = {
  added: defineEvent({
    type: 'TeamMemberAdded',
    action: 'member_added',
    schema: object(member),
    samples: { 1: { teamId: TEAM_ID, userId: USER_ID } },
  }),
  removed: defineEvent({
    type: 'TeamMemberRemoved',
    action: 'member_removed',
    schema: object(member),
    samples: { 1: { teamId: TEAM_ID, userId: USER_ID } },
  }),
  managerChanged: defineEvent({
    type: 'TeamManagerChanged',
    action: 'manager_changed',
    schema: object({ teamId: uuid(), managerId: nullable(uuid()) }),
    samples: { 1: { teamId: TEAM_ID, managerId: USER_ID } },
  }),
} as const;

/** What a directory that provisions teams as groups knows them by. */
export const teamDirectoryChanged = defineEvent({
  type: 'TeamDirectoryChanged',
  action: 'directory_changed',
  schema: object({
    teamId: uuid(),
    scimConnectionId: uuid({ description: 'The SCIM connection that said so.' }),
    externalId: nullable(text(255, { description: 'Id the directory gave the group.' })),
  }),
  samples: { 1: { teamId: TEAM_ID, scimConnectionId: USER_ID, externalId: '00g1sales' } },
});

export type MemberEvent = EventsOf<typeof memberEventTable>;
export type TeamEvent =
  Parameters<typeof teamLife.foldState>[1] | MemberEvent | EventOf<typeof teamDirectoryChanged>;
export const teamEvents = [
  ...teamLife.events,
  ...Object.values(memberEventTable),
  teamDirectoryChanged,
];

/** The members after an event; state and read model fold them the same way. */
export function foldMembers(members: readonly string[], event: MemberEvent): readonly string[] {
  switch (event.type) {
    case 'TeamMemberAdded':
      return members.includes(event.data.userId) ? members : [...members, event.data.userId];
    case 'TeamMemberRemoved':
      return members.filter((id) => id !== event.data.userId);
    case 'TeamManagerChanged':
      return members;
  }
}

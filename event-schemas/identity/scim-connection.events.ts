import { defineEvent, type EventOf } from '#kernel/event';
import {
  choice,
  instant,
  list,
  nullable,
  object,
  recordFields,
  text,
  uuid,
  type FieldValues,
} from '#kernel/fields';
import { recordLife } from '#kernel/record-life';
import { groupRole, provisionedRoles } from './identity-provider.events.js';

/** The fields of a SCIM connection; its token is none of them. */
export const scimConnectionFields = recordFields(
  { name: text(100, { description: 'Name of the directory.', examples: ['Hooli Entra ID'] }) },
  {
    groupRoles: list(groupRole(), 100, {
      description: 'Role by group, the first that fits; followed when a group changes.',
    }),
    defaultRole: choice(provisionedRoles, {
      description: 'Role of people who are added, or leave every mapped group; member by default.',
    }),
  },
);
export type ScimConnectionValues = FieldValues<typeof scimConnectionFields>;

const CONNECTION_ID = '01890a5d-ac96-774b-bcce-b302099a8057';

export const scimConnectionLife = recordLife({
  record: 'scimConnection',
  names: {
    created: 'ScimConnectionCreated',
    changed: 'ScimConnectionChanged',
    archived: 'ScimConnectionArchived',
    restored: 'ScimConnectionRestored',
    deleted: 'ScimConnectionDeleted',
    tagsChanged: 'ScimConnectionTagsChanged',
    ownerChanged: 'ScimConnectionOwnerChanged',
  },
  fields: scimConnectionFields,
  samples: {
    created: { name: 'Hooli Entra ID', defaultRole: 'member' },
    changed: { groupRoles: [{ group: 'crm-admins', role: 'admin' }] },
  },
});

export const scimTokenMade = defineEvent({
  type: 'ScimTokenMade',
  action: 'token_made',
  schema: object({
    scimConnectionId: uuid(),
    expiresAt: instant({ description: 'When the token stops being good by itself.' }),
    formerUntil: nullable(instant({ description: 'Until when the one before it is good.' })),
  }),
  samples: {
    1: {
      scimConnectionId: CONNECTION_ID,
      expiresAt: '2027-01-15T10:00:00.000Z',
      formerUntil: null,
    },
  },
});
export const scimTokenRevoked = defineEvent({
  type: 'ScimTokenRevoked',
  action: 'token_revoked',
  schema: object({ scimConnectionId: uuid() }),
  samples: { 1: { scimConnectionId: CONNECTION_ID } },
});

export type ScimConnectionEvent =
  | Parameters<typeof scimConnectionLife.foldState>[1]
  | EventOf<typeof scimTokenMade>
  | EventOf<typeof scimTokenRevoked>;
export const scimConnectionEvents = [...scimConnectionLife.events, scimTokenMade, scimTokenRevoked];

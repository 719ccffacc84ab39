import { scimConnectionLife } from '#event-schemas/identity/scim-connection.events';
import { commandList } from '#kernel/command';
import { recordCommands } from '#kernel/record-commands';
import { belowAdministrator } from '../access/grants.js';
import { recordScimTokenRevocation } from './record-scim-token-revocation.js';
import { recordScimToken } from './record-scim-token.js';
import { scimConnection } from './scim-connection.js';

const life = recordCommands(scimConnection, scimConnectionLife, {
  collection: 'scimConnections',
  names: {
    create: 'CreateScimConnection',
    change: 'ChangeScimConnection',
    archive: 'ArchiveScimConnection',
    restore: 'RestoreScimConnection',
    delete: 'DeleteScimConnection',
    changeTags: 'ChangeScimConnectionTags',
    changeOwner: 'ChangeScimConnectionOwner',
  },
  check: (_values, _before, ctx) => belowAdministrator(ctx),
});

/** Every command a SCIM connection takes. */
export const scimConnectionCommands = commandList(
  ...Object.values(life),
  recordScimToken,
  recordScimTokenRevocation,
);

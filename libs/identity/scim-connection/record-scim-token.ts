import { defineCommand, type Decision } from '#kernel/command';
import { instant, nullable, object } from '#kernel/fields';
import { requireActive } from '#kernel/record-rules';
import type { ScimConnectionEvent } from '#event-schemas/identity/scim-connection.events';
import { belowAdministrator } from '../access/grants.js';
import { scimConnection } from './scim-connection.js';

export const recordScimToken = defineCommand({
  name: 'RecordScimToken',
  description: 'Keeps that a connection got a new token; never the token.',
  aggregate: scimConnection,
  permission: 'scimConnections:update',
  internal: true,
  rest: { method: 'POST', path: '/scimConnections/:id/tokens' },
  input: object({ expiresAt: instant(), formerUntil: nullable(instant()) }),
  decide(command, state, ctx): Decision<ScimConnectionEvent> {
    const refused = belowAdministrator(ctx) ?? requireActive(state);
    if (refused) return refused;
    return [{ type: 'ScimTokenMade', data: { scimConnectionId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'The token is revoked instead.' },
});

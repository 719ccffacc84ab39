import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { recordRefusals } from '#kernel/record-rules';
import { refuseWith } from '#kernel/refusal';
import type { ScimConnectionEvent } from '#event-schemas/identity/scim-connection.events';
import { scimConnection } from './scim-connection.js';

const refuse = refuseWith({ NOT_FOUND: recordRefusals.NOT_FOUND });

export const recordScimTokenRevocation = defineCommand({
  name: 'RecordScimTokenRevocation',
  description: 'Keeps that the token of a connection was revoked.',
  aggregate: scimConnection,
  permission: 'scimConnections:update',
  internal: true,
  rest: { method: 'POST', path: '/scimConnections/:id/token-revocations' },
  input: object({}),
  decide(_command, state, ctx): Decision<ScimConnectionEvent> {
    if (state.status === 'absent') return refuse('NOT_FOUND');
    return [{ type: 'ScimTokenRevoked', data: { scimConnectionId: ctx.id } }];
  },
  inverse: { irreversible: 'Nobody knows the token any more; make another one.' },
});

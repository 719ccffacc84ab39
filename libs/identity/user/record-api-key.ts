import { defineCommand, type Decision } from '#kernel/command';
import { instant, object, uuid } from '#kernel/fields';
import { apiKeyScopes } from '#event-schemas/identity/user-api-keys.events';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { requireEnabled } from './rules.js';
import { user } from './user.js';

export const recordApiKey = defineCommand({
  name: 'RecordApiKey',
  description: 'Keeps that a person made an API key, with what it may do; never the key.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/api-keys' },
  input: object({ apiKeyId: uuid(), scopes: apiKeyScopes(), expiresAt: instant() }),
  decide(command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    return [{ type: 'UserApiKeyMade', data: { userId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'The key is revoked instead.' },
});

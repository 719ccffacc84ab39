import { defineCommand, type Decision } from '#kernel/command';
import { object, uuid } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { isAbsent, refuse } from './rules.js';
import { user } from './user.js';

export const recordApiKeyRevocation = defineCommand({
  name: 'RecordApiKeyRevocation',
  description: 'Keeps that an API key was revoked, by its holder or an administrator.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/api-key-revocations' },
  input: object({ apiKeyId: uuid() }),
  decide(command, state, ctx): Decision<UserEvent> {
    // Keys of people who left are revoked as well.
    if (isAbsent(state)) return refuse('NOT_FOUND');
    return [{ type: 'UserApiKeyRevoked', data: { userId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'A revoked key never counts again; another one is made.' },
});

import { defineCommand, type Decision } from '#kernel/command';
import { instant, object, uuid } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { requireEnabled } from './rules.js';
import { user } from './user.js';

export const recordApiKeyRotation = defineCommand({
  name: 'RecordApiKeyRotation',
  description: 'Keeps that an API key was replaced, and until when the one before is good.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/api-key-rotations' },
  input: object({ apiKeyId: uuid(), formerUntil: instant() }),
  decide(command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    return [{ type: 'UserApiKeyRotated', data: { userId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'The former key is not known to anybody.' },
});

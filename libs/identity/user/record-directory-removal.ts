import { defineCommand, type Decision } from '#kernel/command';
import { object, uuid } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { isAbsent, refuse } from './rules.js';
import { user } from './user.js';

export const recordDirectoryRemoval = defineCommand({
  name: 'RecordDirectoryRemoval',
  description: 'Keeps that a directory took a person out, who is deactivated beforehand.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/directory-removal' },
  input: object({ scimConnectionId: uuid() }),
  decide({ scimConnectionId }, state, ctx): Decision<UserEvent> {
    if (isAbsent(state)) return refuse('NOT_FOUND');
    if (state.isRemoved) return [];
    return [{ type: 'UserDirectoryRemoved', data: { userId: ctx.id, scimConnectionId } }];
  },
  inverse: { irreversible: 'Reactivate the person; the directory then sees them again.' },
});

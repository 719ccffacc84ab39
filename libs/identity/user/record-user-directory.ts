import { defineCommand, recordOf, type Decision } from '#kernel/command';
import { object, uuid } from '#kernel/fields';
import { changedFields, missingReferences } from '#kernel/record-rules';
import { directoryFields, userNameKey } from '#event-schemas/identity/user-directory.events';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { isAbsent, refuse } from './rules.js';
import { user } from './user.js';

const reservation = (userName: string | null | undefined) =>
  userName ? [{ scope: 'directory-user-name', value: userNameKey(userName) }] : [];

export const recordUserDirectory = defineCommand({
  name: 'RecordUserDirectory',
  description: 'Keeps what a directory says about a person; what is left out stays.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/directory' },
  input: object({ scimConnectionId: uuid(), ...directoryFields.change }),
  facts: ({ managerId }) => ({ managerId: managerId ? recordOf('user', managerId) : undefined }),
  decide(command, state, ctx): Decision<UserEvent> {
    if (isAbsent(state)) return refuse('NOT_FOUND');
    const missing = missingReferences(command, { managerId: 'user' }, ctx.facts);
    if (missing) return missing;
    const before = state.directory ?? {};
    const changes = changedFields(before, command, Object.keys(directoryFields.optional));
    if (Object.keys(changes).length === 0 && !state.isRemoved) return [];
    const { scimConnectionId } = command;
    const named = changes['userName'] as string | null | undefined;
    const moved =
      named !== undefined && userNameKey(named ?? '') !== userNameKey(before.userName ?? '');
    return {
      events: [
        { type: 'UserDirectoryChanged', data: { userId: ctx.id, scimConnectionId, ...changes } },
      ],
      ...(moved ? { take: reservation(named), release: reservation(before.userName) } : {}),
    };
  },
  inverse: { irreversible: 'The directory says so again; change it there.' },
});

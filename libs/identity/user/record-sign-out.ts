import { defineCommand, type Decision } from '#kernel/command';
import { nullable, object, uuid } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { isAbsent, refuse } from './rules.js';
import { user } from './user.js';

export const recordSignOut = defineCommand({
  name: 'RecordSignOut',
  description: 'Keeps that a session of a person ended, or all of them.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/sign-outs' },
  input: object({ sessionId: nullable(uuid()) }),
  decide({ sessionId }, state, ctx): Decision<UserEvent> {
    if (isAbsent(state)) return refuse('NOT_FOUND');
    return [{ type: 'UserSignedOut', data: { userId: ctx.id, sessionId } }];
  },
  inverse: { irreversible: 'A session that ended is not opened again.' },
});

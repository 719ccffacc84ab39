import { defineCommand, type Decision } from '#kernel/command';
import { choice, object } from '#kernel/fields';
import { signInFailures, type UserEvent } from '#event-schemas/identity/user.events';
import { isAbsent, refuse } from './rules.js';
import { user } from './user.js';

export const recordSignInFailure = defineCommand({
  name: 'RecordSignInFailure',
  description: 'Keeps that somebody tried to sign in as this person and failed.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/sign-in-failures' },
  input: object({ reason: choice(signInFailures) }),
  decide({ reason }, state, ctx): Decision<UserEvent> {
    if (isAbsent(state)) return refuse('NOT_FOUND');
    return [{ type: 'UserSignInFailed', data: { userId: ctx.id, reason } }];
  },
  inverse: { irreversible: 'The attempt was made.' },
});

import { defineCommand, type Decision } from '#kernel/command';
import { choice, object, uuid } from '#kernel/fields';
import { signInMethods, type UserEvent } from '#event-schemas/identity/user.events';
import { refuse } from './rules.js';
import { user } from './user.js';

export const recordSignIn = defineCommand({
  name: 'RecordSignIn',
  description: 'Keeps that a person signed in; refused unless they are active at this moment.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/sign-ins' },
  input: object({ sessionId: uuid(), method: choice(signInMethods) }),
  decide(command, state, ctx): Decision<UserEvent> {
    if (state.status !== 'active') return refuse('USER_NOT_ACTIVE');
    return [{ type: 'UserSignedIn', data: { userId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'The person has signed in; the session can be ended.' },
});

import { defineCommand, type Decision } from '#kernel/command';
import { choice, flag, object } from '#kernel/fields';
import { passwordChanges, type UserEvent } from '#event-schemas/identity/user.events';
import { requireEnabled } from './rules.js';
import { user } from './user.js';

export const recordPasswordChange = defineCommand({
  name: 'RecordPasswordChange',
  description: 'Keeps that the password of a person changed; never what it is.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/password-changes' },
  input: object({ how: choice(passwordChanges), sessionsEnded: flag() }),
  decide(command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    return [{ type: 'UserPasswordChanged', data: { userId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'A former password is not known to anybody.' },
});

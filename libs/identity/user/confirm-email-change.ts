import { defineCommand, type Decision } from '#kernel/command';
import { email, object } from '#kernel/fields';
import { emailKey, type UserEvent } from '#event-schemas/identity/user.events';
import { emailReservation, enabled, refuse, requireEnabled } from './rules.js';
import { user } from './user.js';

export const confirmEmailChange = defineCommand({
  name: 'ConfirmEmailChange',
  description: 'Gives a person the address they have proven to read; refused where it is taken.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'PUT', path: '/users/:id/email' },
  input: object({ email: email({ description: 'The address that was proven.' }) }),
  decide(command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    const { status, values, emailVerified } = enabled(state);
    if (status !== 'active') return refuse('USER_NOT_ACTIVE');
    const verified = { type: 'UserEmailVerified', data: { userId: ctx.id } } as const;
    if (emailKey(values.email ?? '') === emailKey(command.email)) {
      return emailVerified ? [] : [verified];
    }
    return {
      events: [{ type: 'UserChanged', data: { userId: ctx.id, email: command.email } }, verified],
      take: emailReservation(command.email),
      release: emailReservation(values.email),
    };
  },
  inverse: { irreversible: 'The former address was not proven anew; ask for a change back.' },
});

import { defineCommand, type Decision } from '#kernel/command';
import { email, object } from '#kernel/fields';
import { emailKey, type UserEvent } from '#event-schemas/identity/user.events';
import { enabled, refuse, requireEnabled } from './rules.js';
import { user } from './user.js';

export const recordEmailVerification = defineCommand({
  name: 'RecordEmailVerification',
  description: 'Keeps that a person has proven to read the mail of their address.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/email-verification' },
  input: object({ email: email({ description: 'The address that was proven.' }) }),
  decide(command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    const { values, emailVerified } = enabled(state);
    if (emailKey(values.email ?? '') !== emailKey(command.email)) return refuse('EMAIL_CHANGED');
    if (emailVerified) return [];
    return [{ type: 'UserEmailVerified', data: { userId: ctx.id } }];
  },
  inverse: { irreversible: 'The address has been proven; another one has to be proven anew.' },
});

import { defineCommand, type Decision } from '#kernel/command';
import { email, object } from '#kernel/fields';
import { emailKey, type UserEvent } from '#event-schemas/identity/user.events';
import { enabled, refuse, requireEnabled } from './rules.js';
import { user } from './user.js';

export const requestEmailChange = defineCommand({
  name: 'RequestEmailChange',
  description: 'Keeps that a person asked for another address; a link is sent to the new one.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/email-changes' },
  input: object({ email: email({ description: 'The new address.' }) }),
  decide(command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    const { status, values } = enabled(state);
    if (status !== 'active') return refuse('USER_NOT_ACTIVE');
    if (emailKey(values.email ?? '') === emailKey(command.email)) return [];
    return [{ type: 'UserEmailChangeRequested', data: { userId: ctx.id, email: command.email } }];
  },
  inverse: { irreversible: 'The link was sent; unused, it changes nothing.' },
});

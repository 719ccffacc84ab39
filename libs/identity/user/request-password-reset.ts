import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { isAbsent, refuse } from './rules.js';
import { user } from './user.js';

export const requestPasswordReset = defineCommand({
  name: 'RequestPasswordReset',
  description: 'Keeps that somebody asked for a new password of this person; a link is sent.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/password-resets' },
  input: object({}),
  decide(_command, state, ctx): Decision<UserEvent> {
    if (isAbsent(state)) return refuse('NOT_FOUND');
    if (state.status !== 'active') return refuse('USER_NOT_ACTIVE');
    return [{ type: 'UserPasswordResetRequested', data: { userId: ctx.id } }];
  },
  inverse: { irreversible: 'The link was sent; unused, it is void within the hour.' },
});

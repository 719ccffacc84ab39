import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { InvitationEvent } from '#event-schemas/identity/invitation.events';
import { callerOf, outranked } from '../user/rules.js';
import { invitation } from './invitation.js';
import { expiryOf, pending, requirePending } from './rules.js';

export const resendInvitation = defineCommand({
  name: 'ResendInvitation',
  description: 'Sends an invitation once more; the link sent before is void.',
  aggregate: invitation,
  permission: 'invitations:update',
  rest: { method: 'POST', path: '/invitations/:id/resend' },
  input: object({}),
  facts: (_command, _state, caller) => ({ caller: callerOf(caller) }),
  decide(_command, state, ctx): Decision<InvitationEvent> {
    const refused =
      requirePending(state) ?? outranked([pending(state).role], ctx.facts.caller, ctx);
    if (refused) return refused;
    const data = { invitationId: ctx.id, expiresAt: expiryOf(ctx.now) };
    return [{ type: 'InvitationResent', data }];
  },
  inverse: { irreversible: 'The mail was sent; revoke the invitation to make its link void.' },
});

import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { InvitationEvent } from '#event-schemas/identity/invitation.events';
import { invitation } from './invitation.js';
import { requirePending } from './rules.js';

export const acceptInvitation = defineCommand({
  name: 'AcceptInvitation',
  description: 'Keeps that an invitation was accepted; the person is active by then.',
  aggregate: invitation,
  permission: 'invitations:record',
  internal: true,
  rest: { method: 'POST', path: '/invitations/:id/acceptance' },
  input: object({}),
  decide(_command, state, ctx): Decision<InvitationEvent> {
    if (state.status === 'accepted') return [];
    const refused = requirePending(state);
    if (refused) return refused;
    return [{ type: 'InvitationAccepted', data: { invitationId: ctx.id } }];
  },
  inverse: { irreversible: 'The person has an account; deactivate them to shut them out.' },
});

import { defineCommand, stateOf, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { InvitationEvent } from '#event-schemas/identity/invitation.events';
import { emailKey } from '#event-schemas/identity/user.events';
import { freedSeat } from '../tenant/seats.js';
import { callerOf, emailReservation, outranked } from '../user/rules.js';
import { user } from '../user/user.js';
import { invitation } from './invitation.js';
import { pending, requirePending } from './rules.js';

export const revokeInvitation = defineCommand({
  name: 'RevokeInvitation',
  description: 'Makes an invitation void and its address free for another one.',
  aggregate: invitation,
  permission: 'invitations:update',
  rest: { method: 'POST', path: '/invitations/:id/revoke' },
  input: object({}),
  facts: (_command, _state, caller) => ({
    caller: callerOf(caller),
    person: stateOf(user, caller.id),
  }),
  decide(_command, state, ctx): Decision<InvitationEvent> {
    const refused =
      requirePending(state) ?? outranked([pending(state).role], ctx.facts.caller, ctx);
    if (refused) return refused;
    const { email } = pending(state);
    const { person } = ctx.facts;
    const known = !person || person.status === 'absent' ? null : person.values.email;
    // Somebody who owned records before the invitation keeps the address they had.
    const kept = known !== null && emailKey(known) === emailKey(email);
    return {
      events: [{ type: 'InvitationRevoked', data: { invitationId: ctx.id } }],
      release: [
        ...(kept ? [] : emailReservation(email)),
        // Who was let in by other means keeps the seat.
        ...(person?.status === 'active' ? [] : freedSeat),
      ],
    };
  },
  inverse: { irreversible: 'The link is void; invite the person anew.' },
});

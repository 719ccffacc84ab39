import { defineCommand, stateOf, type Decision } from '#kernel/command';
import { object, optional } from '#kernel/fields';
import { invitationFields, type InvitationEvent } from '#event-schemas/identity/invitation.events';
import { seatIn, workspaceOf } from '../tenant/seats.js';
import type { TenantState } from '../tenant/tenant.js';
import {
  callerOf,
  emailMissing,
  emailReservation,
  enabled,
  outranked,
  requireEnabled,
} from '../user/rules.js';
import { user, type UserState } from '../user/user.js';
import { invitation } from './invitation.js';
import { expiryOf, missingTeams, refuse, teamFacts } from './rules.js';

const { email, teamIds } = invitationFields;

export const inviteUser = defineCommand({
  name: 'InviteUser',
  description: 'Invites a person who owns records already but has never signed in.',
  aggregate: invitation,
  permission: 'invitations:create',
  rest: { method: 'POST', path: '/users/:id/invitation' },
  input: object({ email: optional(email), teamIds: optional(teamIds) }),
  facts: (command, _state, caller) => ({
    caller: callerOf(caller),
    workspace: workspaceOf(caller),
    person: stateOf(user, caller.id),
    ...teamFacts(command.teamIds),
  }),
  decide(command, state, ctx): Decision<InvitationEvent> {
    if (state.status === 'pending') return refuse('ALREADY_INVITED');
    const person = ctx.facts['person'] as UserState | undefined;
    if (!person) return refuse('NOT_FOUND');
    const refused = requireEnabled(person);
    if (refused) return refused;
    const { status, role, values } = enabled(person);
    if (status === 'active') return refuse('ALREADY_ACTIVE');
    const address = command.email ?? values.email;
    if (!address) return emailMissing();
    const teams = [...new Set(command.teamIds ?? [])];
    const caller = ctx.facts['caller'] as UserState | undefined;
    const problem = outranked([role], caller, ctx) ?? missingTeams(teams, ctx.facts);
    if (problem) return problem;
    const data = {
      invitationId: ctx.id,
      email: address,
      role,
      teamIds: teams,
      expiresAt: expiryOf(ctx.now),
    };
    const seat = seatIn(ctx.facts['workspace'] as TenantState | undefined);
    const take = [...emailReservation(address), ...seat];
    return { events: [{ type: 'InvitationCreated', data }], take };
  },
  inverse: { irreversible: 'The mail was sent; revoke the invitation to make its link void.' },
});

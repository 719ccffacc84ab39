import { defineCommand, type Decision } from '#kernel/command';
import { object, optional } from '#kernel/fields';
import { invitationFields, type InvitationEvent } from '#event-schemas/identity/invitation.events';
import { seatIn, workspaceOf } from '../tenant/seats.js';
import type { TenantState } from '../tenant/tenant.js';
import { callerOf, emailReservation, outranked } from '../user/rules.js';
import type { UserState } from '../user/user.js';
import { invitation } from './invitation.js';
import { expiryOf, missingTeams, refuse, teamFacts } from './rules.js';

const { email, role, teamIds } = invitationFields;

export const createInvitation = defineCommand({
  name: 'CreateInvitation',
  description: 'Invites somebody to the workspace by mail, with a role and teams.',
  aggregate: invitation,
  permission: 'invitations:create',
  creates: true,
  rest: { method: 'POST', path: '/invitations' },
  input: object({ email, role, teamIds: optional(teamIds) }),
  facts: (command, _state, caller) => ({
    caller: callerOf(caller),
    workspace: workspaceOf(caller),
    ...teamFacts(command.teamIds),
  }),
  decide(command, state, ctx): Decision<InvitationEvent> {
    if (state.status !== 'absent') return refuse('ALREADY_EXISTS');
    const teams = [...new Set(command.teamIds ?? [])];
    const caller = ctx.facts['caller'] as UserState | undefined;
    const problem = outranked([command.role], caller, ctx) ?? missingTeams(teams, ctx.facts);
    if (problem) return problem;
    const data = {
      invitationId: ctx.id,
      email: command.email,
      role: command.role,
      teamIds: teams,
      expiresAt: expiryOf(ctx.now),
    };
    return {
      events: [{ type: 'InvitationCreated', data }],
      take: [
        ...emailReservation(command.email),
        ...seatIn(ctx.facts['workspace'] as TenantState | undefined),
      ],
    };
  },
  inverse: { irreversible: 'The mail was sent; revoke the invitation to make its link void.' },
});

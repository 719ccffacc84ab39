import { recordOf, type FactRequests, type RecordFact } from '#kernel/command';
import { refuseWith, type Refusal, type RefusalDetail } from '#kernel/refusal';
import { INVITATION_DAYS } from '#event-schemas/identity/invitation.events';
import type { InvitationState } from './invitation.js';

export const refuse = refuseWith({
  NOT_FOUND: { category: 'missing', message: 'There is no such invitation in this workspace.' },
  ALREADY_EXISTS: { category: 'conflict', message: 'An invitation with this id exists already.' },
  ALREADY_INVITED: {
    category: 'rule',
    message: 'The person is invited already; send the invitation once more instead.',
  },
  ALREADY_ACTIVE: { category: 'rule', message: 'The person may sign in already.' },
  INVITATION_ACCEPTED: { category: 'rule', message: 'The invitation was accepted.' },
  INVITATION_REVOKED: { category: 'rule', message: 'The invitation was revoked; invite anew.' },
  INVITATION_EXPIRED: {
    category: 'rule',
    message: 'The invitation has expired; ask an administrator to send it once more.',
  },
  TEAM_NOT_FOUND: { category: 'rule', message: 'A team of the invitation does not exist.' },
});

type Pending = Extract<InvitationState, { status: 'pending' | 'accepted' | 'revoked' }>;

/** Refuses what is no pending invitation; the state may then be read as `pending(state)`. */
export function requirePending(state: InvitationState): Refusal | undefined {
  switch (state.status) {
    case 'absent':
      return refuse('NOT_FOUND');
    case 'accepted':
      return refuse('INVITATION_ACCEPTED');
    case 'revoked':
      return refuse('INVITATION_REVOKED');
    case 'pending':
      return undefined;
  }
}
export const pending = (state: InvitationState) => state as Pending;

/** When an invitation that is sent now is void. */
export function expiryOf(now: Date): string {
  return new Date(now.getTime() + INVITATION_DAYS * 86_400_000).toISOString();
}

/** Facts for the teams a person is to join, by their ids. */
export function teamFacts(teamIds: readonly string[] | undefined): FactRequests {
  return Object.fromEntries((teamIds ?? []).map((id) => [id, recordOf('team', id)]));
}

/** The refusal that names the teams which do not exist or are archived. */
export function missingTeams(
  teamIds: readonly string[],
  facts: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  const details = teamIds.flatMap((id, index): RefusalDetail[] => {
    if ((facts[id] as RecordFact | undefined)?.status === 'active') return [];
    return [
      {
        field: `teamIds.${index}`,
        rule: 'reference',
        message: `teamIds.${index} names no team of this workspace.`,
        remedy: 'Create the team first or leave it out.',
        value: id,
      },
    ];
  });
  return details.length > 0 ? refuse('TEAM_NOT_FOUND', ...details) : undefined;
}

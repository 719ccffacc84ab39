import type { Aggregate } from '#kernel/aggregate';
import {
  invitationEvents,
  type InvitationEvent,
  type InvitationStatus,
} from '#event-schemas/identity/invitation.events';
import type { UserRole } from '#event-schemas/identity/user.events';

export type InvitationState =
  | { readonly status: 'absent' }
  | {
      readonly status: InvitationStatus;
      readonly id: string;
      readonly email: string;
      readonly role: UserRole;
      readonly teamIds: readonly string[];
      /** RFC 3339. */
      readonly expiresAt: string;
    };

/** A way into the workspace for one address. Who accepts it becomes the person with its id. */
export const invitation: Aggregate<InvitationState, InvitationEvent> = {
  category: 'invitation',
  stateVersion: 1,
  initial: { status: 'absent' },
  events: invitationEvents,
  evolve(state, event): InvitationState {
    if (event.type === 'InvitationCreated') {
      const { invitationId: id, ...given } = event.data;
      return { status: 'pending', id, ...given };
    }
    if (state.status === 'absent') return state;
    switch (event.type) {
      case 'InvitationResent':
        return { ...state, expiresAt: event.data.expiresAt };
      case 'InvitationRevoked':
        return { ...state, status: 'revoked' };
      case 'InvitationAccepted':
        return { ...state, status: 'accepted' };
    }
  },
  status(state) {
    if (state.status === 'absent') return 'absent';
    return state.status === 'pending' ? 'active' : 'archived';
  },
};

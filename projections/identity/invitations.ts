import {
  invitationFields,
  invitationStatuses,
  type InvitationEvent,
} from '#event-schemas/identity/invitation.events';
import { choice, instant, uuid } from '#kernel/fields';
import { readModel } from '#kernel/read-model';

/** Who was invited to the workspace, and what came of it. */
export const invitations = readModel<InvitationEvent>({
  name: 'invitations',
  record: 'invitation',
  category: 'invitation',
  version: 1,
  description: 'People who were invited to the workspace, and whether they have accepted.',
  fields: {
    ...invitationFields,
    status: choice(invitationStatuses, { description: 'What has become of it.' }),
    invitedById: uuid({ description: 'Who invited the person.' }),
    sentAt: instant({ description: 'When it was sent last.' }),
    expiresAt: instant({ description: 'When the link that was sent last is void.' }),
    acceptedAt: instant({ description: 'When the person accepted.' }),
  },
  filterable: ['email', 'role', 'status', 'invitedById', 'sentAt', 'expiresAt'],
  sortable: ['email', 'role', 'status', 'sentAt', 'expiresAt'],
  searchable: ['email'],
  references: { invitedById: 'users', teamIds: 'teams' },
  owner: null,
  label: 'email',
  defaultSort: '-sentAt',
  evolve(row, event) {
    const at = event.envelope.occurredAt.toISOString();
    switch (event.type) {
      case 'InvitationCreated': {
        const { invitationId: _id, ...given } = event.data;
        const { actor } = event.envelope.meta;
        const invitedById = actor.type === 'user' ? actor.id : null;
        return { ...given, status: 'pending', invitedById, sentAt: at, acceptedAt: null };
      }
      case 'InvitationResent':
        return { ...row, sentAt: at, expiresAt: event.data.expiresAt };
      case 'InvitationRevoked':
        return { ...row, status: 'revoked' };
      case 'InvitationAccepted':
        return { ...row, status: 'accepted', acceptedAt: at };
    }
  },
});

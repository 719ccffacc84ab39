import { defineEvent, type EventsOf } from '#kernel/event';
import { choice, email, instant, list, object, uuid } from '#kernel/fields';
import { userRoles } from './user.events.js';

export const invitationStatuses = ['pending', 'accepted', 'revoked'] as const;
export type InvitationStatus = (typeof invitationStatuses)[number];

/** Days an invitation can be accepted after it was sent. */
export const INVITATION_DAYS = 7;

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const TEAM_ID = '01890a5d-ac96-774b-bcce-b302099a8058';
const invitationId = uuid();
const expiresAt = instant({ description: 'When the link that was sent is void.' });

/** What somebody is invited to. */
export const invitationFields = {
  email: email({
    personal: true,
    description: 'Address the invitation is sent to; unique among people and invitations.',
  }),
  role: choice(userRoles, { description: 'What the person may do once they accept.' }),
  teamIds: list(uuid(), 20, { description: 'Teams the person joins on accepting.' }),
};

export const invitationEventTable = {
  created: defineEvent({
    type: 'InvitationCreated',
    action: 'invited',
    // The person who accepts has the invitation's id, so one key seals what is known of them.
    subject: 'invitationId',
    schema: object({ invitationId, ...invitationFields, expiresAt }),
    samples: {
      1: {
        invitationId: SAMPLE_ID,
        email: 'jared@piedpiper.com',
        role: 'member',
        teamIds: [TEAM_ID],
        expiresAt: '2026-01-22T10:00:00.000Z',
      },
    },
  }),
  resent: defineEvent({
    type: 'InvitationResent',
    action: 'invitation_resent',
    schema: object({ invitationId, expiresAt }),
    samples: { 1: { invitationId: SAMPLE_ID, expiresAt: '2026-01-29T10:00:00.000Z' } },
  }),
  revoked: defineEvent({
    type: 'InvitationRevoked',
    action: 'invitation_revoked',
    schema: object({ invitationId }),
    samples: { 1: { invitationId: SAMPLE_ID } },
  }),
  accepted: defineEvent({
    type: 'InvitationAccepted',
    action: 'invitation_accepted',
    schema: object({ invitationId }),
    samples: { 1: { invitationId: SAMPLE_ID } },
  }),
} as const;

export type InvitationEvent = EventsOf<typeof invitationEventTable>;
export const invitationEvents = Object.values(invitationEventTable);

import { commandList } from '#kernel/command';
import { acceptInvitation } from './accept-invitation.js';
import { createInvitation } from './create-invitation.js';
import { inviteUser } from './invite-user.js';
import { resendInvitation } from './resend-invitation.js';
import { revokeInvitation } from './revoke-invitation.js';

/** Every command an invitation takes. */
export const invitationCommands = commandList(
  createInvitation,
  inviteUser,
  resendInvitation,
  revokeInvitation,
  acceptInvitation,
);

import { commandList } from '#kernel/command';
import { activateUser } from './activate-user.js';
import { changeUserRole } from './change-user-role.js';
import { changeUser } from './change-user.js';
import { confirmEmailChange } from './confirm-email-change.js';
import { createUser } from './create-user.js';
import { deactivateUser } from './deactivate-user.js';
import { reactivateUser } from './reactivate-user.js';
import { recordApiKeyRevocation } from './record-api-key-revocation.js';
import { recordApiKeyRotation } from './record-api-key-rotation.js';
import { recordApiKey } from './record-api-key.js';
import { recordDirectoryRemoval } from './record-directory-removal.js';
import { recordUserDirectory } from './record-user-directory.js';
import { recordEmailVerification } from './record-email-verification.js';
import { recordFactorAdded } from './record-factor-added.js';
import { recordFactorProof } from './record-factor-proof.js';
import { recordFactorRefusal } from './record-factor-refusal.js';
import { recordFactorRemoved } from './record-factor-removed.js';
import { recordPasswordChange } from './record-password-change.js';
import { recordRecoveryCodes } from './record-recovery-codes.js';
import { recordSignInFailure } from './record-sign-in-failure.js';
import { recordSignIn } from './record-sign-in.js';
import { recordSignOut } from './record-sign-out.js';
import { resetUserFactors } from './reset-user-factors.js';
import { requestEmailChange } from './request-email-change.js';
import { requestPasswordReset } from './request-password-reset.js';

/** Every command a person takes. */
export const userCommands = commandList(
  createUser,
  changeUser,
  changeUserRole,
  activateUser,
  deactivateUser,
  reactivateUser,
  recordSignIn,
  recordSignInFailure,
  recordSignOut,
  recordPasswordChange,
  recordEmailVerification,
  recordFactorAdded,
  recordFactorRemoved,
  recordFactorProof,
  recordFactorRefusal,
  recordRecoveryCodes,
  resetUserFactors,
  recordApiKey,
  recordApiKeyRotation,
  recordApiKeyRevocation,
  recordUserDirectory,
  recordDirectoryRemoval,
  requestPasswordReset,
  requestEmailChange,
  confirmEmailChange,
);

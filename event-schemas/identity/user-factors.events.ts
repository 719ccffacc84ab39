import { defineEvent } from '#kernel/event';
import { choice, integer, nullable, object, uuid } from '#kernel/fields';

/** What somebody proves who they are with, beside the password. */
export const factorKinds = ['totp', 'passkey'] as const;
export type FactorKind = (typeof factorKinds)[number];

/** What a proof was given with; a password counts only for people without a second factor. */
export const proofKinds = ['totp', 'passkey', 'recovery_code', 'password', 'email_code'] as const;
export type ProofKind = (typeof proofKinds)[number];

export const proofPurposes = ['sign_in', 'step_up'] as const;
export type ProofPurpose = (typeof proofPurposes)[number];

/** Why a proof was refused; `clone`: a passkey whose counter ran backwards. */
export const proofRefusals = ['wrong', 'locked', 'clone'] as const;
export type ProofRefusal = (typeof proofRefusals)[number];

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const SAMPLE_FACTOR = '01890a5d-ac96-774b-bcce-b302099a805b';
const userId = uuid();
const factorId = uuid({ description: 'The factor, as the list of factors names it.' });
const kind = choice(factorKinds);

/** What happens to the second factors of a person; what they consist of is in no event. */
export const userFactorEvents = {
  factorAdded: defineEvent({
    type: 'UserFactorAdded',
    action: 'factor_added',
    schema: object({ userId, factorId, kind }),
    samples: { 1: { userId: SAMPLE_ID, factorId: SAMPLE_FACTOR, kind: 'totp' } },
  }),
  factorRemoved: defineEvent({
    type: 'UserFactorRemoved',
    action: 'factor_removed',
    schema: object({ userId, factorId, kind }),
    samples: { 1: { userId: SAMPLE_ID, factorId: SAMPLE_FACTOR, kind: 'totp' } },
  }),
  factorsReset: defineEvent({
    type: 'UserFactorsReset',
    action: 'factors_reset',
    schema: object({ userId }),
    samples: { 1: { userId: SAMPLE_ID } },
  }),
  factorProved: defineEvent({
    type: 'UserFactorProved',
    action: 'factor_proved',
    // Since version 2 it may be a code by e-mail.
    version: 2,
    upcasters: { 1: (data) => [data] },
    schema: object({
      userId,
      kind: choice(proofKinds),
      purpose: choice(proofPurposes),
      codesLeft: nullable(
        integer(0, 10, { description: 'Recovery codes left, where one was used.' }),
      ),
    }),
    samples: {
      1: { userId: SAMPLE_ID, kind: 'recovery_code', purpose: 'sign_in', codesLeft: 9 },
      2: { userId: SAMPLE_ID, kind: 'email_code', purpose: 'sign_in', codesLeft: null },
    },
  }),
  factorRefused: defineEvent({
    type: 'UserFactorRefused',
    action: 'factor_refused',
    version: 2,
    upcasters: { 1: (data) => [data] },
    schema: object({
      userId,
      kind: choice(proofKinds),
      purpose: choice(proofPurposes),
      reason: choice(proofRefusals),
    }),
    samples: {
      1: { userId: SAMPLE_ID, kind: 'totp', purpose: 'sign_in', reason: 'wrong' },
      2: { userId: SAMPLE_ID, kind: 'email_code', purpose: 'sign_in', reason: 'wrong' },
    },
  }),
  recoveryCodesIssued: defineEvent({
    type: 'UserRecoveryCodesIssued',
    action: 'recovery_codes_issued',
    schema: object({ userId, count: integer(1, 10) }),
    samples: { 1: { userId: SAMPLE_ID, count: 10 } },
  }),
} as const;

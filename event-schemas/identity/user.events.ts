import { defineEvent, type EventsOf } from '#kernel/event';
import {
  choice,
  email,
  flag,
  nullable,
  object,
  recordFields,
  text,
  url,
  uuid,
  type FieldValues,
} from '#kernel/fields';
import { userApiKeyEvents } from './user-api-keys.events.js';
import { userDirectoryEvents } from './user-directory.events.js';
import { userFactorEvents } from './user-factors.events.js';

/** System roles, the strongest first. */
export const userRoles = ['owner', 'admin', 'manager', 'member', 'viewer'] as const;
export type UserRole = (typeof userRoles)[number];

export const userStatuses = ['not_invited', 'invited', 'active', 'deactivated'] as const;
export type UserStatus = (typeof userStatuses)[number];
/** Every status but `deactivated`. */
export const enabledStatuses = ['not_invited', 'invited', 'active'] as const;
export type EnabledStatus = (typeof enabledStatuses)[number];

/** The fields of a person of the workspace. */
export const userFields = recordFields(
  {
    firstName: text(100, { personal: true, description: 'Given name.' }),
    lastName: text(100, { personal: true, description: 'Family name.' }),
  },
  {
    email: email({
      personal: true,
      description: 'Address the person signs in with; unique in the workspace.',
    }),
    title: text(100, { description: 'Job title.' }),
    phone: text(50, { personal: true }),
    locale: text(35, { description: 'Language tag (BCP 47); the workspace’s when empty.' }),
    timeZone: text(64, { description: 'IANA time zone; the workspace’s when empty.' }),
    avatarUrl: url(500, { personal: true, description: 'Address of a picture.' }),
  },
);
export type UserValues = FieldValues<typeof userFields>;

/** How an e-mail address is compared: without regard to case or to how accents are composed. */
export function emailKey(address: string): string {
  return address.trim().normalize('NFC').toLowerCase();
}

export const signInMethods = ['password', 'saml', 'oidc', 'token', 'passkey'] as const;
export const signInFailures = ['wrong_password', 'locked', 'not_active', 'suspended'] as const;
export const passwordChanges = ['first', 'own', 'reset', 'administrator'] as const;

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const SAMPLE_SESSION = '01890a5d-ac96-774b-bcce-b302099a8059';
const userId = uuid();
const subject = 'userId';

export const userEventTable = {
  created: defineEvent({
    type: 'UserCreated',
    action: 'created',
    subject,
    schema: object({
      userId,
      ...userFields.create,
      role: choice(userRoles),
      status: choice(enabledStatuses),
    }),
    samples: {
      1: {
        userId: SAMPLE_ID,
        firstName: 'Gavin',
        lastName: 'Belson',
        email: 'gavin@hooli.com',
        title: 'Chief executive',
        role: 'owner',
        status: 'not_invited',
      },
    },
  }),
  changed: defineEvent({
    type: 'UserChanged',
    action: 'updated',
    subject,
    schema: object({ userId, ...userFields.change }),
    samples: { 1: { userId: SAMPLE_ID, title: 'Chairman', phone: null } },
  }),
  roleChanged: defineEvent({
    type: 'UserRoleChanged',
    action: 'role_changed',
    schema: object({ userId, role: choice(userRoles) }),
    samples: { 1: { userId: SAMPLE_ID, role: 'admin' } },
  }),
  activated: defineEvent({
    type: 'UserActivated',
    action: 'activated',
    schema: object({ userId }),
    samples: { 1: { userId: SAMPLE_ID } },
  }),
  emailVerified: defineEvent({
    type: 'UserEmailVerified',
    action: 'email_verified',
    schema: object({ userId }),
    samples: { 1: { userId: SAMPLE_ID } },
  }),
  deactivated: defineEvent({
    type: 'UserDeactivated',
    action: 'deactivated',
    schema: object({ userId }),
    samples: { 1: { userId: SAMPLE_ID } },
  }),
  reactivated: defineEvent({
    type: 'UserReactivated',
    action: 'reactivated',
    schema: object({ userId, status: choice(enabledStatuses) }),
    samples: { 1: { userId: SAMPLE_ID, status: 'active' } },
  }),
  signedIn: defineEvent({
    type: 'UserSignedIn',
    action: 'signed_in',
    // Since version 2 the method may be a passkey.
    version: 2,
    upcasters: { 1: (data) => [data] },
    schema: object({ userId, sessionId: uuid(), method: choice(signInMethods) }),
    samples: {
      1: { userId: SAMPLE_ID, sessionId: SAMPLE_SESSION, method: 'password' },
      2: { userId: SAMPLE_ID, sessionId: SAMPLE_SESSION, method: 'passkey' },
    },
  }),
  signInFailed: defineEvent({
    type: 'UserSignInFailed',
    action: 'sign_in_failed',
    schema: object({ userId, reason: choice(signInFailures) }),
    samples: { 1: { userId: SAMPLE_ID, reason: 'wrong_password' } },
  }),
  signedOut: defineEvent({
    type: 'UserSignedOut',
    action: 'signed_out',
    schema: object({
      userId,
      sessionId: nullable(uuid({ description: 'The session that ended; null: all of them.' })),
    }),
    samples: { 1: { userId: SAMPLE_ID, sessionId: SAMPLE_SESSION } },
  }),
  passwordChanged: defineEvent({
    type: 'UserPasswordChanged',
    action: 'password_changed',
    schema: object({
      userId,
      how: choice(passwordChanges),
      sessionsEnded: flag({ description: 'Whether other sessions ended with it.' }),
    }),
    samples: { 1: { userId: SAMPLE_ID, how: 'own', sessionsEnded: true } },
  }),
  ...userFactorEvents,
  ...userApiKeyEvents,
  ...userDirectoryEvents,
  passwordResetRequested: defineEvent({
    type: 'UserPasswordResetRequested',
    action: 'password_reset_requested',
    schema: object({ userId }),
    samples: { 1: { userId: SAMPLE_ID } },
  }),
  emailChangeRequested: defineEvent({
    type: 'UserEmailChangeRequested',
    action: 'email_change_requested',
    subject,
    schema: object({
      userId,
      email: email({ personal: true, description: 'The new address, until it is confirmed.' }),
    }),
    samples: { 1: { userId: SAMPLE_ID, email: 'gb@hooli.com' } },
  }),
  identityLinked: defineEvent({
    type: 'UserIdentityLinked',
    action: 'identity_linked',
    schema: object({ userId, identityProviderId: uuid() }),
    samples: { 1: { userId: SAMPLE_ID, identityProviderId: SAMPLE_SESSION } },
  }),
} as const;

export type UserEvent = EventsOf<typeof userEventTable>;
export const userEvents = Object.values(userEventTable);

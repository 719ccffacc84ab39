import { defineEvent, type EventsOf } from '#kernel/event';
import { tenantDeletionEvents } from './tenant-deletion.events.js';
import { userRoles } from './user.events.js';
import {
  choice,
  day,
  flag,
  instant,
  integer,
  list,
  nullable,
  object,
  recordFields,
  text,
  Type,
  uuid,
  type FieldValues,
} from '#kernel/fields';

export const planTypes = ['starter', 'professional', 'business', 'enterprise'] as const;
export type PlanType = (typeof planTypes)[number];

/** What a workspace says about itself; its administrators change it. */
export const tenantProfile = recordFields(
  {
    name: text(255, { description: 'Name of the organisation.', examples: ['Hooli'] }),
    slug: Type.String({
      pattern: '^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$',
      description: 'Subdomain of the workspace; unique over the whole platform.',
      examples: ['hooli'],
    }),
    timeZone: text(64, {
      description: 'IANA time zone that turns instants into calendar days.',
      examples: ['Europe/Zurich'],
    }),
    locale: text(35, { description: 'Language tag (BCP 47) for texts.', examples: ['en-GB'] }),
    currency: Type.String({
      pattern: '^[A-Z]{3}$',
      description: 'Currency (ISO 4217) new amounts start with.',
      examples: ['EUR'],
    }),
  },
  {},
);

/** What the workspace has bought; only the platform changes it. */
export const tenantPlan = recordFields(
  {
    planType: choice(planTypes, { description: 'Plan of the workspace.' }),
    maxUsers: integer(1, 1_000_000, { description: 'Most people who may sign in.' }),
    maxStorageGb: integer(1, 1_000_000, { description: 'Most storage, in gigabytes.' }),
  },
  {
    trialEndsAt: instant({ description: 'When the trial ends.' }),
    subscriptionEndsAt: instant({ description: 'When the paid time ends.' }),
  },
);

const clockTime = (description: string) =>
  Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description, examples: ['09:00'] });

/** When people of the workspace work; days and times are those of its zone. */
export const workCalendar = recordFields(
  {
    workingDays: list(integer(1, 7), 7, {
      description: 'Days of the week people work, 1 for Monday to 7 for Sunday.',
    }),
    holidays: list(day(), 400, { description: 'Days nobody works.' }),
    opensAt: clockTime('When the working day begins.'),
    closesAt: clockTime('When the working day ends.'),
  },
  {},
);

/** How won deals are followed up. */
export const followUpSettings = recordFields(
  {
    enabled: flag({ description: 'Whether won deals are followed up at all.' }),
    afterDays: integer(0, 90, {
      description: 'Working days from winning the deal until its owner gets a task.',
    }),
    dueDays: integer(0, 90, { description: 'Working days the owner has for it.' }),
    remindDays: integer(0, 30, {
      description: 'Working days before it is due that the task becomes pressing.',
    }),
    escalateDays: integer(0, 30, {
      description: 'Working days past due after which the manager of the owner’s team gets a task.',
    }),
    title: text(200, { description: 'What the task says.' }),
  },
  {},
);

/** Who needs a second factor to sign in with a password. */
export const mfaPolicy = recordFields(
  {
    requiredRoles: list(choice(userRoles), userRoles.length, {
      description: 'Roles that need a second factor; none when empty.',
    }),
    emailCodes: flag({
      description: 'Whether a code by e-mail does for those who need a factor and have none.',
    }),
  },
  {
    enforcedFrom: instant({
      description: 'From when on they need it, so that people have time; at once when empty.',
    }),
  },
);

/** Most fields of one kind of record that a role sees only in part. */
export const MAX_LIMITED_FIELDS = 100;
const fieldNames = (description: string) => list(text(100), MAX_LIMITED_FIELDS, { description });

/** What a role does not see, or does not change, of one kind of record. */
export const fieldLimit = {
  role: text(100, { description: 'Name of a system role, or id of one of the workspace’s own.' }),
  collection: text(100, { description: 'Kind of records.', examples: ['contacts'] }),
  hidden: fieldNames('Fields the role does not see.'),
  readOnly: fieldNames('Fields the role sees and does not change.'),
};
/** Most limits of a workspace. */
export const MAX_FIELD_LIMITS = 500;
export const fieldLimits = () =>
  list(object(fieldLimit, { title: 'FieldLimit' }), MAX_FIELD_LIMITS, {
    description: 'What roles do not see or do not change of records.',
  });
export interface FieldLimit {
  readonly role: string;
  readonly collection: string;
  readonly hidden: readonly string[];
  readonly readOnly: readonly string[];
}

/** The limits with that of one role and collection replaced, or gone where it limits nothing. */
export function foldLimits(limits: readonly FieldLimit[], limit: FieldLimit): FieldLimit[] {
  const { role, collection, hidden, readOnly } = limit;
  const rest = limits.filter((one) => one.role !== role || one.collection !== collection);
  if (hidden.length + readOnly.length === 0) return rest;
  return [...rest, { role, collection, hidden, readOnly }];
}

/** What a file is that the whole workspace was written into. */
export const tenantExport = {
  exportId: uuid({ description: 'The job that wrote it, or an id of the operator’s export.' }),
  events: integer(0, Number.MAX_SAFE_INTEGER, { description: 'Events of the log.' }),
  records: integer(0, Number.MAX_SAFE_INTEGER, { description: 'Records of all lists.' }),
  bytes: integer(0, Number.MAX_SAFE_INTEGER, { description: 'Size of the file.' }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the file.' }),
};

export type TenantProfile = FieldValues<typeof tenantProfile>;
export type TenantPlan = FieldValues<typeof tenantPlan>;
export type WorkCalendar = FieldValues<typeof workCalendar>;
export type FollowUpSettings = FieldValues<typeof followUpSettings>;
export type MfaPolicy = FieldValues<typeof mfaPolicy>;

/** What holds until a workspace says otherwise. */
export const defaultWorkCalendar: WorkCalendar = {
  workingDays: [1, 2, 3, 4, 5],
  holidays: [],
  opensAt: '09:00',
  closesAt: '17:00',
};
export const defaultFollowUp: FollowUpSettings = {
  enabled: false,
  afterDays: 5,
  dueDays: 2,
  remindDays: 1,
  escalateDays: 1,
  title: 'Follow up on the won deal',
};

export const defaultMfaPolicy: MfaPolicy = {
  requiredRoles: [],
  emailCodes: false,
  enforcedFrom: null,
};

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8000';
const tenantId = uuid();

export const tenantEventTable = {
  created: defineEvent({
    type: 'TenantCreated',
    action: 'created',
    schema: object({ tenantId, ...tenantProfile.create, ...tenantPlan.create }),
    samples: {
      1: {
        tenantId: SAMPLE_ID,
        name: 'Hooli',
        slug: 'hooli',
        timeZone: 'America/Los_Angeles',
        locale: 'en-US',
        currency: 'USD',
        planType: 'starter',
        maxUsers: 5,
        maxStorageGb: 10,
        trialEndsAt: '2026-02-14T00:00:00.000Z',
        subscriptionEndsAt: null,
      },
    },
  }),
  changed: defineEvent({
    type: 'TenantChanged',
    action: 'updated',
    schema: object({ tenantId, ...tenantProfile.change }),
    samples: { 1: { tenantId: SAMPLE_ID, timeZone: 'Europe/Zurich', currency: 'CHF' } },
  }),
  planChanged: defineEvent({
    type: 'TenantPlanChanged',
    action: 'plan_changed',
    schema: object({ tenantId, ...tenantPlan.change }),
    samples: { 1: { tenantId: SAMPLE_ID, planType: 'business', maxUsers: 100 } },
  }),
  suspended: defineEvent({
    type: 'TenantSuspended',
    action: 'suspended',
    schema: object({ tenantId, reason: nullable(text(500)) }),
    samples: { 1: { tenantId: SAMPLE_ID, reason: 'Invoice overdue' } },
  }),
  reactivated: defineEvent({
    type: 'TenantReactivated',
    action: 'reactivated',
    schema: object({ tenantId }),
    samples: { 1: { tenantId: SAMPLE_ID } },
  }),
  workCalendarChanged: defineEvent({
    type: 'TenantWorkCalendarChanged',
    action: 'work_calendar_changed',
    schema: object({ tenantId, ...workCalendar.change }),
    samples: {
      1: { tenantId: SAMPLE_ID, workingDays: [1, 2, 3, 4], holidays: ['2026-08-01'] },
    },
  }),
  followUpChanged: defineEvent({
    type: 'TenantFollowUpChanged',
    action: 'follow_up_changed',
    schema: object({ tenantId, ...followUpSettings.change }),
    samples: { 1: { tenantId: SAMPLE_ID, enabled: true, afterDays: 10 } },
  }),
  mfaPolicyChanged: defineEvent({
    type: 'TenantMfaPolicyChanged',
    action: 'mfa_policy_changed',
    // Since version 2 a workspace may allow codes by e-mail.
    version: 2,
    upcasters: { 1: (data) => [data] },
    schema: object({ tenantId, ...mfaPolicy.change }),
    samples: {
      1: {
        tenantId: SAMPLE_ID,
        requiredRoles: ['owner', 'admin'],
        enforcedFrom: '2026-02-01T00:00:00.000Z',
      },
      2: { tenantId: SAMPLE_ID, requiredRoles: ['owner'], emailCodes: true },
    },
  }),
  fieldLimitChanged: defineEvent({
    type: 'TenantFieldLimitChanged',
    action: 'field_limit_changed',
    schema: object({ tenantId, ...fieldLimit }),
    samples: {
      1: {
        tenantId: SAMPLE_ID,
        role: 'member',
        collection: 'contacts',
        hidden: ['mobile'],
        readOnly: ['leadScore'],
      },
    },
  }),
  sandboxOpened: defineEvent({
    type: 'TenantSandboxOpened',
    action: 'sandbox_opened',
    schema: object({
      tenantId,
      testClock: instant({ description: 'What the clock of the workspace shows at first.' }),
    }),
    samples: { 1: { tenantId: SAMPLE_ID, testClock: '2026-01-15T10:00:00.000Z' } },
  }),
  testClockAdvanced: defineEvent({
    type: 'TenantTestClockAdvanced',
    action: 'test_clock_advanced',
    schema: object({ tenantId, testClock: instant({ description: 'What the clock shows now.' }) }),
    samples: { 1: { tenantId: SAMPLE_ID, testClock: '2026-02-15T10:00:00.000Z' } },
  }),
  exported: defineEvent({
    type: 'TenantExported',
    action: 'exported',
    schema: object({ tenantId, ...tenantExport }),
    samples: {
      1: {
        tenantId: SAMPLE_ID,
        exportId: '01890a5d-ac96-774b-bcce-b302099a8057',
        events: 48_210,
        records: 9_120,
        bytes: 10_485_760,
        sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      },
    },
  }),
  ...tenantDeletionEvents,
} as const;

export type TenantEvent = EventsOf<typeof tenantEventTable>;
export const tenantEvents = Object.values(tenantEventTable);

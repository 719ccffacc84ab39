import { defineEvent, type EventsOf } from '#kernel/event';
import {
  choice,
  instant,
  integer,
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

export type TenantProfile = FieldValues<typeof tenantProfile>;
export type TenantPlan = FieldValues<typeof tenantPlan>;

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
} as const;

export type TenantEvent = EventsOf<typeof tenantEventTable>;
export const tenantEvents = Object.values(tenantEventTable);

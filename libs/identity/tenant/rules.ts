import type { Reservation } from '#kernel/command';
import type { DecideContext } from '#kernel/context';
import { recordRefusals } from '#kernel/record-rules';
import { refuseWith, type Refusal } from '#kernel/refusal';
import type { TenantState, TenantValues } from './tenant.js';

export const refuse = refuseWith({
  NOT_FOUND: { category: 'missing', message: 'There is no such workspace.' },
  ALREADY_EXISTS: recordRefusals.ALREADY_EXISTS,
  WORKING_DAYS_INVALID: {
    category: 'rule',
    message: 'A work calendar has at least one working day, each named once.',
  },
  WORKING_HOURS_INVALID: {
    category: 'rule',
    message: 'A working day ends after it begins.',
  },
  NOT_A_SANDBOX: {
    category: 'rule',
    message: 'Only the clock of a sandbox can be advanced.',
  },
  CLOCK_RUNS_FORWARD: {
    category: 'rule',
    message: 'A test clock only runs forward, at most two years at a time.',
  },
  ROLE_UNLIMITED: { category: 'rule', message: 'Owners and administrators see every field.' },
  ROLE_UNKNOWN: { category: 'rule', message: 'There is no such role in this workspace.' },
  FIELD_NOT_LIMITABLE: { category: 'rule', message: 'A field cannot be limited like this.' },
  TOO_MANY_LIMITS: { category: 'rule', message: 'The workspace has too many limits of fields.' },
  NAME_DIFFERS: { category: 'rule', message: 'The name is not that of the workspace.' },
  DELETION_SCHEDULED: {
    category: 'rule',
    message: 'The workspace is to be deleted: keep it first.',
  },
  SLUG_RESERVED: { category: 'rule', message: 'This subdomain is kept for the platform.' },
});

export type Existing = Exclude<TenantState, { status: 'absent' }>;

/** Refuses what is absent, and every workspace but the caller's own. */
export function requireOwn(state: TenantState, ctx: DecideContext): Refusal | undefined {
  return state.status === 'absent' || ctx.id !== ctx.tenantId ? refuse('NOT_FOUND') : undefined;
}

/** The state after `requireOwn` has passed. */
export function valuesOf(state: TenantState): TenantValues {
  return (state as Existing).values;
}

/** Names that mean something else in front of the platform's domain. */
const reserved = new Set(
  (
    'account accounts admin api app apps assets auth billing blog cdn clientforge dashboard dev ' +
    'developer docs email files ftp graphql help imap internal login mail metrics mta mx news ' +
    'ns1 ns2 oauth platform pop public root saml scim search security shop signup smtp sso ' +
    'staging static status support system test tracking webhook webhooks webmail www'
  ).split(' '),
);

/** Refuses a subdomain that could pass for a part of the platform, or for another spelling. */
export function slugProblem(slug: string | undefined): Refusal | undefined {
  if (!slug || (!reserved.has(slug) && !/^xn--/.test(slug))) return undefined;
  return refuse('SLUG_RESERVED', {
    field: 'slug',
    rule: 'reserved',
    message: `${slug} cannot be the name of a workspace.`,
    remedy: 'Choose another short name.',
    value: slug,
  });
}

export function slugReservation(value: string): Reservation {
  return { scope: 'workspace-slug', value };
}

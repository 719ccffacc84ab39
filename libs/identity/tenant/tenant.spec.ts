import { describe, expect, it } from '@jest/globals';
import type { TenantEvent } from '#event-schemas/identity/tenant.events';
import { scopeOf } from '#kernel/context';
import { given, SPEC_ID, SPEC_TENANT } from '#kernel/specification';
import { systemRoles } from '../access/roles.js';
import { tenantCommands } from './commands.js';
import { tenant } from './tenant.js';

const command = (name: string) => tenantCommands.find((one) => one.name === name)!;
const own = { id: SPEC_TENANT };
const data = {
  tenantId: SPEC_TENANT,
  name: 'Hooli',
  slug: 'hooli',
  timeZone: 'UTC',
  locale: 'en',
  currency: 'USD',
  planType: 'starter',
  maxUsers: 5,
  maxStorageGb: 10,
  trialEndsAt: null,
  subscriptionEndsAt: null,
} as const;
const created: TenantEvent = { type: 'TenantCreated', data };
const suspended: TenantEvent = {
  type: 'TenantSuspended',
  data: { tenantId: SPEC_TENANT, reason: 'Invoice overdue' },
};

describe('tenant', () => {
  it('opens on the starter plan and takes its subdomain', () => {
    const { events, outcome, state } = given(tenant).when(
      command('CreateTenant'),
      { name: 'Hooli', slug: 'hooli' },
      own,
    );
    expect(events).toEqual([created]);
    expect(outcome.take).toEqual([{ scope: 'workspace-slug', value: 'hooli' }]);
    expect(state.status).toBe('active');
  });

  it('gets the limits of its plan unless others were agreed', () => {
    const { events } = given(tenant).when(
      command('CreateTenant'),
      { name: 'Hooli', slug: 'hooli', planType: 'business', maxUsers: 150 },
      own,
    );
    expect(events[0]?.data).toMatchObject({ maxUsers: 150, maxStorageGb: 500 });
  });

  it('opens once, under its own id', () => {
    const input = { name: 'Hooli', slug: 'hooli' };
    const create = command('CreateTenant');
    expect(given(tenant, [created]).when(create, input, own).refusal?.code).toBe('ALREADY_EXISTS');
    expect(given(tenant).when(create, input, { id: SPEC_ID }).refusal?.code).toBe('NOT_FOUND');
  });

  it.each(['www', 'api', 'xn--hooli'])('refuses the subdomain %s', (slug) => {
    const create = given(tenant).when(command('CreateTenant'), { name: 'Hooli', slug }, own);
    expect(create.refusal).toMatchObject({ code: 'SLUG_RESERVED', details: [{ field: 'slug' }] });
    const change = given(tenant, [created]).when(command('ChangeTenant'), { slug }, own);
    expect(change.refusal?.code).toBe('SLUG_RESERVED');
  });

  it.each([
    [{ timeZone: 'Mars/Olympus' }, 'UNKNOWN_TIME_ZONE'],
    [{ timeZone: '+02:00' }, 'UNKNOWN_TIME_ZONE'],
    [{ locale: 'no such language' }, 'UNKNOWN_LOCALE'],
    [{ currency: 'ZZZ' }, 'UNKNOWN_CURRENCY'],
  ])('refuses %j', (change, code) => {
    const { refusal } = given(tenant, [created]).when(command('ChangeTenant'), change, own);
    expect(refusal?.code).toBe(code);
  });

  it('changes its profile and records only what differs', () => {
    const { events, outcome } = given(tenant, [created]).when(
      command('ChangeTenant'),
      { name: 'Hooli', timeZone: 'Europe/Zurich', currency: 'CHF' },
      own,
    );
    expect(events).toEqual([
      {
        type: 'TenantChanged',
        data: { tenantId: SPEC_TENANT, timeZone: 'Europe/Zurich', currency: 'CHF' },
      },
    ]);
    expect(outcome.take).toBeUndefined();
  });

  it('gives its old subdomain back when it moves', () => {
    const { outcome } = given(tenant, [created]).when(
      command('ChangeTenant'),
      { slug: 'hooli-xyz' },
      own,
    );
    expect(outcome).toMatchObject({
      take: [{ value: 'hooli-xyz' }],
      release: [{ value: 'hooli' }],
    });
  });

  it('sees no other tenant', () => {
    for (const name of ['ChangeTenant', 'ChangeTenantPlan', 'SuspendTenant', 'ReactivateTenant']) {
      const { refusal } = given(tenant, [created]).when(command(name), {}, { id: SPEC_ID });
      expect(refusal?.code).toBe('NOT_FOUND');
      expect(given(tenant).when(command(name), {}, own).refusal?.code).toBe('NOT_FOUND');
    }
  });

  it('never raises its own plan: no role may', () => {
    const fields = Object.keys(command('ChangeTenant').input.properties);
    expect(fields.sort()).toEqual(['currency', 'locale', 'name', 'slug', 'timeZone']);
    for (const { grants } of Object.values(systemRoles)) {
      for (const name of ['CreateTenant', 'ChangeTenantPlan', 'SuspendTenant']) {
        expect(scopeOf(grants, command(name).permission)).toBeUndefined();
      }
    }
    const { events } = given(tenant, [created]).when(
      command('ChangeTenantPlan'),
      { planType: 'business', maxUsers: 100, trialEndsAt: null },
      own,
    );
    expect(events).toEqual([
      {
        type: 'TenantPlanChanged',
        data: { tenantId: SPEC_TENANT, planType: 'business', maxUsers: 100, maxStorageGb: 500 },
      },
    ]);
  });

  it('is suspended and opened again, each once', () => {
    const suspend = given(tenant, [created]).when(
      command('SuspendTenant'),
      { reason: 'Invoice overdue' },
      own,
    );
    expect(suspend.events).toEqual([suspended]);
    expect(suspend.state).toMatchObject({ status: 'suspended', reason: 'Invoice overdue' });
    const closed = given(tenant, [created, suspended]);
    expect(closed.when(command('SuspendTenant'), {}, own).events).toEqual([]);
    expect(closed.when(command('ReactivateTenant'), {}, own).state.status).toBe('active');
    expect(given(tenant, [created]).when(command('ReactivateTenant'), {}, own).events).toEqual([]);
  });

  it('keeps its suspension while its plan changes', () => {
    const { state } = given(tenant, [created, suspended]).when(
      command('ChangeTenantPlan'),
      { maxUsers: 9 },
      own,
    );
    expect(state).toMatchObject({ status: 'suspended', values: { maxUsers: 9 } });
  });
});

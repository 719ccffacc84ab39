import { describe, expect, it } from '@jest/globals';
import type { TenantEvent } from '#event-schemas/identity/tenant.events';
import { scopeOf } from '#kernel/context';
import { given, SPEC_ID, SPEC_NOW, SPEC_TENANT } from '#kernel/specification';
import { systemRoles } from '../access/roles.js';
import { tenantCommands } from './commands.js';
import { tenant } from './tenant.js';

const command = (name: string) => tenantCommands.find((one) => one.name === name)!;
const own = { id: SPEC_TENANT };
const tenantId = SPEC_TENANT;
const created: TenantEvent = {
  type: 'TenantCreated',
  data: {
    tenantId,
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
  },
};
const overdue: TenantEvent = {
  type: 'TenantSuspended',
  data: { tenantId, reason: 'Invoice overdue' },
};
const deleteAt = new Date(SPEC_NOW.getTime() + 30 * 86_400_000).toISOString();
const scheduled: TenantEvent = { type: 'TenantDeletionScheduled', data: { tenantId, deleteAt } };
const closed: TenantEvent = { type: 'TenantSuspended', data: { tenantId, reason: null } };
const cancelled: TenantEvent = { type: 'TenantDeletionCancelled', data: { tenantId } };
const opened: TenantEvent = { type: 'TenantReactivated', data: { tenantId } };
const deleted: TenantEvent = { type: 'TenantDeleted', data: { tenantId } };
const typed = { name: ' Hooli ', days: 30 };

describe('the deletion of a workspace', () => {
  const schedule = command('ScheduleTenantDeletion');
  const cancel = command('CancelTenantDeletion');

  it('closes it, and keeps the first day people were told', () => {
    const { events, state } = given(tenant, [created]).when(schedule, typed, own);
    expect(events).toEqual([scheduled, closed]);
    expect(state).toMatchObject({ status: 'suspended', deletion: { deleteAt, wasOpen: true } });
    const again = given(tenant, [created, scheduled, closed]);
    expect(again.when(schedule, { name: 'Hooli', days: 1 }, own).events).toEqual([]);
  });

  it('wants the name once more, from owners of that workspace', () => {
    for (const name of ['hooli', 'Hooli Inc', '']) {
      const { refusal } = given(tenant, [created]).when(schedule, { name, days: 30 }, own);
      expect(refusal).toMatchObject({ code: 'NAME_DIFFERS', details: [{ field: 'name' }] });
    }
    const stranger = given(tenant, [created]).when(schedule, typed, { id: SPEC_ID });
    expect(stranger.refusal?.code).toBe('NOT_FOUND');
    const roles = Object.entries(systemRoles).filter(([, { grants }]) =>
      scopeOf(grants, schedule.permission),
    );
    expect(roles.map(([name]) => name)).toEqual(['owner']);
    for (const { grants } of Object.values(systemRoles)) {
      expect(scopeOf(grants, cancel.permission)).toBeUndefined();
    }
  });

  it('is taken back to what was before: open, or suspended', () => {
    const wasOpen = given(tenant, [created, scheduled, closed]).when(cancel, {}, own);
    expect(wasOpen.events).toEqual([cancelled, opened]);
    expect(wasOpen.state.status).toBe('active');
    const wasClosed = given(tenant, [created, overdue, scheduled]).when(cancel, {}, own);
    expect(wasClosed.events).toEqual([cancelled]);
    expect(wasClosed.state).toMatchObject({ reason: 'Invoice overdue', deletion: null });
    expect(given(tenant, [created]).when(cancel, {}, own).events).toEqual([]);
  });

  it('is taken back before the workspace is opened', () => {
    const before = given(tenant, [created, scheduled, closed]);
    const { refusal } = before.when(command('ReactivateTenant'), {}, own);
    expect(refusal?.code).toBe('DELETION_SCHEDULED');
  });

  it('ends it for ever: its id stands for no workspace again', () => {
    const before = given(tenant, [created, scheduled, closed]);
    expect(before.when(command('RecordTenantDeletion'), {}, own).events).toEqual([deleted]);
    const gone = given(tenant, [created, scheduled, closed, deleted]);
    for (const name of ['ChangeTenant', 'ReactivateTenant', 'CancelTenantDeletion']) {
      expect(gone.when(command(name), {}, own).refusal?.code).toBe('NOT_FOUND');
    }
    const again = gone.when(command('CreateTenant'), { name: 'Hooli', slug: 'hooli' }, own);
    expect(again.refusal?.code).toBe('ALREADY_EXISTS');
  });
});

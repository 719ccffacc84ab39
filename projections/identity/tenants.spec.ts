import { expect, it } from '@jest/globals';
import {
  defaultFollowUp,
  defaultWorkCalendar,
  tenantEventTable,
  type TenantEvent,
} from '#event-schemas/identity/tenant.events';
import type { Row } from '#kernel/read-model';
import { SPEC_TENANT } from '#kernel/specification';
import { tenants } from './tenants.js';

const created = {
  type: 'TenantCreated',
  data: tenantEventTable.created.samples[1],
} as unknown as TenantEvent;
const suspended: TenantEvent = {
  type: 'TenantSuspended',
  data: { tenantId: SPEC_TENANT, reason: 'Invoice overdue' },
};
const fold = (...events: readonly TenantEvent[]) =>
  events.reduce<Row | null>(
    (row, event) => tenants.evolve(row, { ...event, envelope: {} as never }),
    null,
  );

it('folds a workspace to one row with its plan and whether it is open', () => {
  const { tenantId: _id, ...values } = created.data;
  expect(fold(created)).toEqual({
    ...values,
    ...defaultWorkCalendar,
    followUp: defaultFollowUp,
    fieldLimits: [],
    testClock: null,
    isActive: true,
    archivedAt: null,
    deletedAt: null,
  });
  expect(fold(created, suspended)).toMatchObject({ isActive: false, slug: 'hooli' });
  const open: TenantEvent = { type: 'TenantReactivated', data: { tenantId: SPEC_TENANT } };
  expect(fold(created, suspended, open)).toMatchObject({ isActive: true });
});

it('shows the settings of the workspace, and the clock of a sandbox', () => {
  const tenantId = SPEC_TENANT;
  const row = fold(
    created,
    { type: 'TenantSandboxOpened', data: { tenantId, testClock: '2026-01-15T10:00:00.000Z' } },
    { type: 'TenantWorkCalendarChanged', data: { tenantId, workingDays: [1, 2] } },
    { type: 'TenantFollowUpChanged', data: { tenantId, afterDays: 9 } },
    { type: 'TenantTestClockAdvanced', data: { tenantId, testClock: '2026-01-16T10:00:00.000Z' } },
  );
  expect(row).toMatchObject({
    workingDays: [1, 2],
    opensAt: '09:00',
    followUp: { ...defaultFollowUp, afterDays: 9 },
    testClock: '2026-01-16T10:00:00.000Z',
  });
});

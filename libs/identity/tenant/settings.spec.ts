import { describe, expect, it } from '@jest/globals';
import { tenantEventTable, type TenantEvent } from '#event-schemas/identity/tenant.events';
import { given, SPEC_TENANT } from '#kernel/specification';
import { advanceTestClock } from './advance-test-clock.js';
import { changeFollowUp } from './change-follow-up.js';
import { changeWorkCalendar } from './change-work-calendar.js';
import { createTenant } from './create-tenant.js';
import { tenant } from './tenant.js';

const own = { id: SPEC_TENANT };
const tenantId = SPEC_TENANT;
const created = {
  type: 'TenantCreated',
  data: tenantEventTable.created.samples[1],
} as unknown as TenantEvent;
const testClock = '2026-01-15T10:00:00.000Z';
const sandbox: TenantEvent = { type: 'TenantSandboxOpened', data: { tenantId, testClock } };
const after = (...past: TenantEvent[]) => given(tenant, [created, ...past]);

describe('ChangeWorkCalendar', () => {
  it('changes what differs from Monday to Friday, nine to five', () => {
    const { events } = after().when(
      changeWorkCalendar,
      { workingDays: [7, 1], opensAt: '09:00', holidays: ['2026-08-01'] },
      own,
    );
    expect(events).toEqual([
      {
        type: 'TenantWorkCalendarChanged',
        data: { tenantId, workingDays: [7, 1], holidays: ['2026-08-01'] },
      },
    ]);
    expect(after().when(changeWorkCalendar, { closesAt: '17:00' }, own).events).toEqual([]);
  });

  it.each([
    [{ workingDays: [] }, 'WORKING_DAYS_INVALID', 'workingDays'],
    [{ workingDays: [1, 1] }, 'WORKING_DAYS_INVALID', 'workingDays'],
    [{ closesAt: '09:00' }, 'WORKING_HOURS_INVALID', 'closesAt'],
    [{ opensAt: '18:00' }, 'WORKING_HOURS_INVALID', 'closesAt'],
  ])('refuses %j', (change, code, field) => {
    const { refusal } = after().when(changeWorkCalendar, change, own);
    expect(refusal).toMatchObject({ code, details: [{ field, remedy: expect.any(String) }] });
  });
});

describe('ChangeFollowUp', () => {
  it('changes what differs, and keeps the rest', () => {
    const { events, state } = after().when(changeFollowUp, { enabled: true, dueDays: 2 }, own);
    expect(events).toEqual([{ type: 'TenantFollowUpChanged', data: { tenantId, enabled: true } }]);
    expect(state).toMatchObject({ followUp: { enabled: true, afterDays: 5 } });
    expect(given(tenant).when(changeFollowUp, {}, own).refusal?.code).toBe('NOT_FOUND');
  });
});

describe('AdvanceTestClock', () => {
  it('lets time pass in a sandbox, which a workspace is from its beginning or never', () => {
    const input = { name: 'Hooli', slug: 'hooli', sandbox: true };
    expect(given(tenant).when(createTenant, input, own).events[1]).toEqual(sandbox);
    const { events, state } = after(sandbox).when(
      advanceTestClock,
      { to: '2026-02-01T00:00:00+01:00' },
      own,
    );
    const testClock = '2026-01-31T23:00:00.000Z';
    expect(events).toEqual([{ type: 'TenantTestClockAdvanced', data: { tenantId, testClock } }]);
    expect(state).toMatchObject({ testClock });
  });

  it('is refused elsewhere, backward and too far', () => {
    const code = (past: TenantEvent[], to: string) =>
      after(...past).when(advanceTestClock, { to }, own).refusal?.code;
    expect(code([], '2026-02-01T00:00:00Z')).toBe('NOT_A_SANDBOX');
    expect(code([sandbox], testClock)).toBe('CLOCK_RUNS_FORWARD');
    expect(code([sandbox], '2025-02-01T00:00:00Z')).toBe('CLOCK_RUNS_FORWARD');
    expect(code([sandbox], '2029-02-01T00:00:00Z')).toBe('CLOCK_RUNS_FORWARD');
  });
});

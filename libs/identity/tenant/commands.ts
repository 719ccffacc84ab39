import { commandList } from '#kernel/command';
import { advanceTestClock } from './advance-test-clock.js';
import { changeFieldLimit } from './change-field-limit.js';
import { changeFollowUp } from './change-follow-up.js';
import { changeMfaPolicy } from './change-mfa-policy.js';
import { changeTenantPlan } from './change-tenant-plan.js';
import { changeTenant } from './change-tenant.js';
import { changeWorkCalendar } from './change-work-calendar.js';
import { createTenant } from './create-tenant.js';
import { reactivateTenant } from './reactivate-tenant.js';
import { recordTenantExport } from './record-tenant-export.js';
import { suspendTenant } from './suspend-tenant.js';

/** Every command a workspace takes. */
export const tenantCommands = commandList(
  createTenant,
  changeTenant,
  changeTenantPlan,
  changeWorkCalendar,
  changeFollowUp,
  changeMfaPolicy,
  changeFieldLimit,
  advanceTestClock,
  suspendTenant,
  reactivateTenant,
  recordTenantExport,
);

import { commandList } from '#kernel/command';
import { advanceTestClock } from './advance-test-clock.js';
import { cancelTenantDeletion } from './cancel-tenant-deletion.js';
import { changeFieldLimit } from './change-field-limit.js';
import { changeFollowUp } from './change-follow-up.js';
import { changeMfaPolicy } from './change-mfa-policy.js';
import { changeTenantPlan } from './change-tenant-plan.js';
import { changeTenant } from './change-tenant.js';
import { changeWorkCalendar } from './change-work-calendar.js';
import { createTenant } from './create-tenant.js';
import { reactivateTenant } from './reactivate-tenant.js';
import { recordTenantDeletion } from './record-tenant-deletion.js';
import { recordTenantExport } from './record-tenant-export.js';
import { scheduleTenantDeletion } from './schedule-tenant-deletion.js';
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
  scheduleTenantDeletion,
  cancelTenantDeletion,
  recordTenantDeletion,
);

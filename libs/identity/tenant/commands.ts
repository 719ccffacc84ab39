import { commandList } from '#kernel/command';
import { changeTenantPlan } from './change-tenant-plan.js';
import { changeTenant } from './change-tenant.js';
import { createTenant } from './create-tenant.js';
import { reactivateTenant } from './reactivate-tenant.js';
import { suspendTenant } from './suspend-tenant.js';

/** Every command a workspace takes. */
export const tenantCommands = commandList(
  createTenant,
  changeTenant,
  changeTenantPlan,
  suspendTenant,
  reactivateTenant,
);

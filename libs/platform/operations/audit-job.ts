import { object } from '#kernel/fields';
import { defineJob, type AnyJob } from '../jobs/job.js';
import { auditTenant } from './audit.js';

export const AUDIT_JOB = 'audit';
/** Violations that the result of a job names; `audit verify` names more. */
const NAMED = 100;

/** Verifies the log of the workspace on demand; begins anew after a crash. */
export const auditJob: AnyJob = defineJob({
  kind: AUDIT_JOB,
  title: () => 'Verify the log',
  input: object({}),
  permission: 'audit:read',
  unit: 'events',
  async run({ ctx, platform, progress, signal }) {
    const { database, options } = platform;
    const seals = await platform.seals();
    const parts = { database, seals, kurrentDb: options.kurrentDb };
    const { tenantId: _own, ...report } = await auditTenant(parts, ctx.tenantId, {
      signal,
      progress,
    });
    const { violations, untold } = report;
    return {
      ...report,
      violations: violations.slice(0, NAMED),
      untold: untold + Math.max(0, violations.length - NAMED),
    };
  },
});

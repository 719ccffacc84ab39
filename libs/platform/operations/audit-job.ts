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
    const { database } = platform;
    const seals = await platform.seals();
    const { tenantId: _own, ...report } = await auditTenant({ database, seals }, ctx.tenantId, {
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

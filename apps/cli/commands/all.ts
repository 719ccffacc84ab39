import type { Command } from '../command.js';
import { resumeAudit, showAuditKeys, verifyAudit } from './audit.js';
import { createBackupCommand, drillBackupCommand, restoreBackupCommand } from './backup.js';
import { showConfig } from './config.js';
import { discardDeadLetter, listDeadLetters, retryDeadLetter } from './dead-letters.js';
import { doctor } from './doctor.js';
import { openNewEpoch } from './epoch.js';
import { eraseSubject } from './erase.js';
import { rotateKeys } from './keys.js';
import { tailEvents } from './events.js';
import { copyEvents } from './events-copy.js';
import { exportEvents } from './export.js';
import { imports } from './import.js';
import { cancelJob, deriveJobs, listJobs, retryJob, showJob } from './jobs.js';
import { cancelProjection, listProjections, showProjections } from './projections.js';
import { rebuildProjections, verifyProjections } from './rebuild.js';
import { replayEvents } from './replay.js';
import { sagas } from './sagas.js';
import { settings } from './settings.js';
import { deleteTenant } from './tenants-delete.js';
import { exportWorkspace } from './tenants-export.js';
import { createTenant, listTenants, tenantCare } from './tenants.js';
import { listUsers } from './users.js';

/** Everything the tool can do, in the order people meet it. */
export const commands: readonly Command[] = [
  showConfig,
  createTenant,
  listTenants,
  ...tenantCare,
  exportWorkspace,
  deleteTenant,
  listUsers,
  ...settings,
  listProjections,
  showProjections,
  rebuildProjections,
  verifyProjections,
  cancelProjection,
  listDeadLetters,
  retryDeadLetter,
  discardDeadLetter,
  listJobs,
  showJob,
  cancelJob,
  retryJob,
  deriveJobs,
  ...sagas,
  tailEvents,
  copyEvents,
  replayEvents,
  exportEvents,
  verifyAudit,
  showAuditKeys,
  resumeAudit,
  eraseSubject,
  rotateKeys,
  doctor,
  createBackupCommand,
  restoreBackupCommand,
  drillBackupCommand,
  openNewEpoch,
  ...imports,
];

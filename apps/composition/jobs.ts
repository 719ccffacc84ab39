import type { Config } from '#platform/config/config';
import type { Effect } from '#platform/effects/effect';
import { EffectsWatch } from '#platform/effects/effects-watch';
import { auditJob } from '#platform/operations/audit-job';
import type { AnyJob } from '#platform/jobs/job';
import { JobRunner } from '#platform/jobs/runner';
import type { Platform } from '#platform/platform';
import { erasureJob } from './erasure/erasure-job.js';
import { handOverJob } from './hand-over.js';
import { ExportFiles } from './workspace-export/export-files.js';
import { deletionJobs } from './workspace-deletion/deletion-jobs.js';
import { workspaceExportJob } from './workspace-export/export-job.js';
import { ImportFiles } from './import/import-files.js';
import { importJob } from './import/import-job.js';
import { mailEffects } from './mail/mails.js';
import { notifyOfAssignment } from './notify-of-assignment.js';
import { contextOf } from './standing.js';

/** Every kind of job of the product that somebody begins. */
export function productJobs(
  config: Pick<Config, 'dataDir' | 'importMaxBytes' | 'erasuresDir'>,
): readonly AnyJob[] {
  const files = new ImportFiles(config.dataDir, config.importMaxBytes);
  const exports = workspaceExportJob(new ExportFiles(config.dataDir));
  const deletions = deletionJobs(config);
  return [importJob(files), auditJob, erasureJob(config), handOverJob, exports, ...deletions];
}

/** Everything that is done once after an event, outside the log. */
export const productEffects: readonly Effect[] = [notifyOfAssignment, ...mailEffects];

/** Runs jobs, and derives those of effects again should the queue lose them, until it is stopped. */
export function runJobs(
  platform: Platform,
  {
    jobsAtOnce,
    jobKeepDays,
    leaseSeconds,
  }: Pick<Config, 'jobsAtOnce' | 'jobKeepDays'> & Partial<Pick<Config, 'leaseSeconds'>>,
  log: (problem: { readonly message: string; readonly error?: unknown }) => void,
): { stop(): Promise<void> } {
  const runner = new JobRunner(platform, {
    atOnce: jobsAtOnce,
    keepDays: jobKeepDays,
    ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
    contextOf: (by) => contextOf(platform, by),
    log,
  });
  const watch = new EffectsWatch(platform.effects, { keepDays: jobKeepDays, log });
  runner.start();
  watch.start();
  return {
    stop: async () => {
      await Promise.all([runner.stop(), watch.stop()]);
    },
  };
}

import type { Config } from '#platform/config/config';
import { auditJob } from '#platform/operations/audit-job';
import type { AnyJob } from '#platform/jobs/job';
import { JobRunner } from '#platform/jobs/runner';
import type { Platform } from '#platform/platform';
import { erasureJob } from './erasure/erasure-job.js';
import { ImportFiles } from './import/import-files.js';
import { importJob } from './import/import-job.js';
import { contextOf } from './standing.js';

/** Every kind of job of the product. */
export function productJobs(
  config: Pick<Config, 'dataDir' | 'importMaxBytes' | 'erasuresDir'>,
): readonly AnyJob[] {
  const files = new ImportFiles(config.dataDir, config.importMaxBytes);
  return [importJob(files), auditJob, erasureJob(config)];
}

/** Runs jobs until it is stopped. */
export function runJobs(
  platform: Platform,
  {
    jobsAtOnce,
    jobKeepDays,
    leaseSeconds,
  }: Pick<Config, 'jobsAtOnce' | 'jobKeepDays'> & Partial<Pick<Config, 'leaseSeconds'>>,
  log: (problem: { readonly message: string; readonly error?: unknown }) => void,
): JobRunner {
  const runner = new JobRunner(platform, {
    atOnce: jobsAtOnce,
    keepDays: jobKeepDays,
    ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
    contextOf: (by) => contextOf(platform, by),
    log,
  });
  runner.start();
  return runner;
}

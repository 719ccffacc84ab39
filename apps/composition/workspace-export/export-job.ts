import type { Aggregate } from '#kernel/aggregate';
import type { RequestContext } from '#kernel/context';
import { object } from '#kernel/fields';
import { hashId } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { recordTenantExport } from '#identity/tenant/record-tenant-export';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import { defineJob, type AnyJob, type Job, type JobStopped } from '#platform/jobs/job';
import type { JobPage } from '#platform/jobs/jobs';
import {
  writeArchive,
  type ArchiveReport,
  type ArchiveState,
} from '#platform/operations/workspace-archive';
import { systemContext, type Platform } from '#platform/platform';
import { exportExpiry, type ExportFiles } from './export-files.js';

export const EXPORT_JOB = 'workspace-export';

/** What an archive calls the workspace. */
export async function exportedWorkspace(platform: Platform, tenantId: string) {
  const state = await platform.facts.state(tenantId, tenant as Aggregate, tenantId);
  const { slug, name } = (state as Exclude<TenantState, { status: 'absent' }>).values;
  return { id: tenantId, slug, name };
}

/** Keeps in the log that the workspace left as a file; once, under the id of the export. */
export async function keepExport(
  platform: Platform,
  ctx: RequestContext,
  exportId: string,
  { events, records, bytes, sha256 }: ArchiveReport,
): Promise<Refusal | undefined> {
  const kept = await platform.dispatch(
    recordTenantExport.name,
    { exportId, events, records, bytes, sha256 },
    ctx,
    { id: ctx.tenantId, commandId: hashId('workspace-export', ctx.tenantId, exportId) },
  );
  return isRefusal(kept) ? kept : undefined;
}

/** Where an export goes on: behind whole files, or, once packed, with what is told of it. */
interface Saved extends ArchiveState {
  readonly report?: ArchiveReport;
}

/** The whole workspace as one file, for its owners. */
export function workspaceExportJob(files: ExportFiles): AnyJob {
  return defineJob({
    kind: EXPORT_JOB,
    title: () => 'Export the workspace',
    input: object({}),
    permission: 'tenant:export',
    unit: 'entries',
    async run({ id, ctx, checkpoint, save, progress, signal, platform }) {
      const { tenantId } = ctx;
      const saved = checkpoint as Saved | null;
      let report = saved?.report;
      if (!report) {
        await files.cleanUp(platform.clock());
        try {
          report = await writeArchive(platform, {
            workspace: await exportedWorkspace(platform, tenantId),
            path: await files.prepare(tenantId, id),
            at: platform.clock(),
            before: saved ?? undefined,
            signal,
            progress,
            saved: (state) => save(state),
          });
        } catch (error) {
          const { why } = (signal.reason ?? {}) as Partial<JobStopped>;
          if (why === 'cancelled') await files.forget(tenantId, id);
          throw error;
        }
        await save({ files: [], report });
      }
      const refused = await keepExport(platform, ctx, id, report);
      const file = await files.open(tenantId, id, platform.clock());
      if (refused) return refused;
      return file ? { ...report, expiresAt: exportExpiry(file.at).toISOString() } : gone;
    },
    forget: ({ tenantId, id }) => files.forget(tenantId, id),
  });
}

const gone = refusal('EXPORT_GONE', 'rule', 'The file of the export is no longer there.', [
  { rule: 'file', message: 'Its folder was emptied.', remedy: 'Export the workspace once more.' },
]);

/** The last export of a workspace; undefined where there was none. */
export async function lastExport(platform: Platform, tenantId: string): Promise<Job | undefined> {
  const ctx = systemContext(tenantId, 'workspace-export');
  const page = await platform.jobs.list(ctx, { kind: EXPORT_JOB, limit: 1 });
  return isRefusal(page) ? undefined : (page as JobPage).jobs[0];
}

/** Begins an export, unless one is under way. */
export async function beginExport(
  platform: Platform,
  caller: RequestContext,
): Promise<Job | Refusal> {
  const last = await lastExport(platform, caller.tenantId);
  if (last?.status === 'queued' || last?.status === 'running') return underWay(last.id);
  // Of two that begin at once, both get the same job.
  const id = hashId('workspace-export', caller.tenantId, last?.id ?? 'first');
  return platform.jobs.start(EXPORT_JOB, {}, caller, id);
}

function underWay(id: string): Refusal {
  const message = 'The workspace is being exported already.';
  const remedy = `Wait until job ${id} has ended, or cancel it.`;
  return refusal('EXPORT_UNDER_WAY', 'conflict', message, [{ rule: 'single', message, remedy }]);
}

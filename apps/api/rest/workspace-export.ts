import { beginExport, EXPORT_JOB, lastExport } from '#apps/composition/workspace-export/export-job';
import { exportExpiry, type ExportFiles } from '#apps/composition/workspace-export/export-files';
import type { Aggregate } from '#kernel/aggregate';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import { findToken, issueToken, readOneTimeToken } from '#platform/auth/one-time-tokens';
import type { Job } from '#platform/jobs/job';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { jobAccepted, shownJobs } from './jobs-shown.js';
import { instant, maybe, objectOf, ref, text } from './schemas.js';
import type { Services } from './services.js';

/** How long a link leads to the file; a download that has begun goes on. */
const LINK_MINUTES = 15;
const BASE = '/api/v1';
const FILE_PATH = '/tenant/export/file';

export interface ExportServices extends Services {
  readonly exportFiles: ExportFiles;
}

const noFile = refusal('NOT_FOUND', 'missing', 'There is no such export.', [
  {
    rule: 'file',
    message: 'It has not ended well, is older than a week, or the link has expired.',
    remedy: 'Make a new link at POST /api/v1/tenant/export/{id}/link, or a new export.',
  },
]);

/** A link to the file of an export that ended well. */
async function link(
  { platform, exportFiles, accessLog }: ExportServices,
  { caller, params }: Call,
): Promise<Answer | Refusal> {
  const found = await platform.jobs.get(caller, params['id']!);
  if (isRefusal(found)) return found.category === 'missing' ? noFile : (found as Refusal);
  const { id, kind, status } = found as Job;
  const now = platform.clock();
  const { tenantId } = caller;
  const ended = kind === EXPORT_JOB && status === 'succeeded';
  const file = ended ? await exportFiles.open(tenantId, id, now) : undefined;
  if (!file) return noFile;
  const expiresAt = new Date(
    Math.min(now.getTime() + LINK_MINUTES * 60_000, exportExpiry(file.at).getTime()),
  );
  const token = await platform.database.tenant(tenantId, (db) =>
    issueToken(db, { tenantId, purpose: 'workspace-export', subjectId: id, expiresAt }, now),
  );
  accessLog.exported(caller, 'workspace');
  return { status: 201, data: { url: `${BASE}${FILE_PATH}?token=${token}`, expiresAt } };
}

/** The file a link leads to; a browser that follows it sends no token of its own. */
async function download(
  { platform, exportFiles }: ExportServices,
  { query }: Call,
): Promise<Answer | Refusal> {
  const place = readOneTimeToken(String(query['token'] ?? ''));
  if (!place) return noFile;
  const { tenantId } = place;
  const now = platform.clock();
  const holder = await platform.database.tenant(tenantId, (db) =>
    findToken(db, place, 'workspace-export', now),
  );
  const file = holder && (await exportFiles.open(tenantId, holder.subjectId, now));
  if (!file) return noFile;
  const state = await platform.facts.state(tenantId, tenant as Aggregate, tenantId);
  const workspace = state as TenantState;
  if (workspace.status !== 'active') return noFile;
  const name = `${workspace.values.slug}-export-${file.at.toISOString().slice(0, 10)}.tar.gz`;
  return {
    headers: {
      'content-type': 'application/gzip',
      'content-length': String(file.bytes),
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
    stream: file.stream(),
  };
}

/** The whole workspace as a file. */
export function workspaceExportEndpoints(services: ExportServices): Endpoint[] {
  const { platform } = services;
  const access = { permission: 'tenant:export' } as const;
  const shared = { tag: 'workspace', access } as const;
  return [
    {
      ...shared,
      operation: 'export_workspace',
      method: 'POST',
      path: '/tenant/export',
      summary: 'Export the workspace',
      description:
        'Begins a job that writes the whole log and every record into one archive, with a ' +
        'manifest of counts and hashes. The file is kept for a week.',
      stepUp: true,
      answer: { status: 202, description: 'The job.', data: ref('Job'), headers: ['Location'] },
      refusals: ['409 EXPORT_UNDER_WAY'],
      handle: async ({ caller }) => {
        const job = await beginExport(platform, caller);
        return isRefusal(job) ? (job as Refusal) : jobAccepted(platform, caller, job as Job);
      },
    },
    {
      ...shared,
      operation: 'workspace_export',
      method: 'GET',
      path: '/tenant/export',
      summary: 'Read how the last export stands',
      answer: {
        status: 200,
        description: 'The job of the last export; null where there was none.',
        data: maybe(ref('Job')),
      },
      handle: async ({ caller }) => {
        const job = await lastExport(platform, caller.tenantId);
        return { data: job ? (await shownJobs(platform, caller, [job]))[0] : null };
      },
    },
    {
      ...shared,
      operation: 'workspace_export_link',
      method: 'POST',
      path: '/tenant/export/:id/link',
      summary: 'Make a link to the file of an export',
      description: `It leads to the file for ${LINK_MINUTES} minutes; an earlier one is void then.`,
      stepUp: true,
      answer: {
        status: 201,
        description: 'The link, below the address of this server.',
        data: objectOf({ url: text, expiresAt: instant }),
      },
      refusals: ['404 NOT_FOUND'],
      handle: (call) => link(services, call),
    },
    {
      operation: 'workspace_export_file',
      method: 'GET',
      path: FILE_PATH,
      tag: 'workspace',
      summary: 'Download the file of an export',
      description: 'Takes the link as it was made; a link that has expired leads nowhere.',
      access: 'open',
      query: [{ name: 'token', description: 'What the link ends with.', schema: text }],
      answer: { status: 200, description: 'The archive, a .tar.gz.' },
      refusals: ['404 NOT_FOUND'],
      handle: (call) => download(services, call),
    },
  ];
}

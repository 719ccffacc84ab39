import type { JobDocuments } from './documents.js';
import type { Job, JobError, JobStatus } from './job.js';

/** A row of the table `job`. */
export interface JobRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly unit: string;
  readonly status: JobStatus;
  readonly actor_type: 'user' | 'system';
  readonly actor_id: string;
  readonly correlation_id: string;
  readonly input: string;
  readonly checkpoint: string | null;
  readonly result: string | null;
  readonly error: JobError | null;
  /** The driver reads bigint as text. */
  readonly done: string;
  readonly total: string | null;
  readonly rate: number | null;
  readonly attempts: number;
  readonly failures: number;
  readonly cancel_requested: boolean;
  readonly fence: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly [column: string]: unknown;
}

/** The job as the APIs show it. */
export async function jobOf(row: JobRow, documents: JobDocuments): Promise<Job> {
  const { tenant_id: tenantId, id, kind, title, status } = row;
  const done = Number(row.done);
  const total = row.total === null ? null : Number(row.total);
  const rate = status === 'running' ? row.rate : null;
  const secondsLeft = rate && total !== null ? Math.max(0, Math.ceil((total - done) / rate)) : null;
  return {
    tenantId,
    id,
    kind,
    title,
    status,
    progress: { done, total, unit: row.unit, rate, secondsLeft },
    result: (await documents.open({ tenantId, id }, 'result', row.result)) as Job['result'],
    error: row.error,
    attempts: row.attempts,
    createdById: row.actor_type === 'user' ? row.actor_id : null,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    cancelRequested: row.cancel_requested,
  };
}

import type { Database } from '../postgres/database.js';
import type { JobDocuments } from './documents.js';
import { JobStopped, type JobError, type JobRef, type JobResult } from './job.js';
import { standsStill } from './queue.js';
import type { JobRow } from './rows.js';

/** Begun so often without a new checkpoint, a job is given up. */
export const MOST_FAILURES = 5;

export const surprise: JobError = {
  code: 'INTERNAL_ERROR',
  message: 'Something went wrong on our side, several times.',
  remedy: 'Try the job again; it goes on where it ended. The log tells more under its id.',
};

/** A job that is this process's to run until its lease ends. */
export interface Claim extends JobRef {
  readonly row: JobRow;
  /** Grows with every change of hands; a write with an older one is refused. */
  readonly fence: string;
}

export interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly rate: number | null;
}

export type Ending =
  | { readonly status: 'succeeded' | 'cancelled'; readonly result: JobResult | null }
  | { readonly status: 'failed'; readonly error: JobError; readonly result: JobResult | null };

/** Why a running job is to stop: it was cancelled, or its workspace is suspended. */
type Wish = 'cancelled' | 'handover' | undefined;
const WISH = `CASE WHEN cancel_requested THEN 'cancelled'
  WHEN ${standsStill('job.tenant_id')} THEN 'handover' END AS wish`;

function wishOf([row]: readonly JobRow[]): Wish {
  if (!row) throw new JobStopped('lost');
  return (row['wish'] as Wish | null) ?? undefined;
}

const OWNED = `tenant_id = $1 AND id = $2 AND fence = $3 AND status = 'running'`;

/**
 * The worker's side of the table: leases with a fencing token. Times are the database's. Every
 * write of a job whose lease went to another process is refused.
 */
export class JobClaims {
  constructor(
    private readonly database: Database,
    private readonly documents: JobDocuments,
    private readonly holder: string,
    /** Seconds a lease lasts without a sign of life. */
    readonly leaseSeconds = 15,
  ) {}

  private query(text: string, values: readonly unknown[]) {
    return this.database.pool('projector').query<JobRow>(text, values as unknown[]);
  }

  /**
   * Takes a job of these kinds that is due; undefined when somebody else has it. One that crashed its process too
   * often fails instead, and one that was to be cancelled when its process died is.
   */
  async claim({ tenantId, id }: JobRef, kinds: readonly string[]): Promise<Claim | undefined> {
    const { rows } = await this.query(
      `UPDATE job SET
         status = CASE WHEN cancel_requested THEN 'cancelled'
           WHEN failures >= $5 THEN 'failed' ELSE 'running' END,
         error = CASE WHEN failures >= $5 AND NOT cancel_requested THEN $6::jsonb END,
         finished_at = CASE WHEN cancel_requested OR failures >= $5 THEN clock_timestamp() END,
         attempts = attempts + CASE WHEN cancel_requested OR failures >= $5 THEN 0 ELSE 1 END,
         failures = failures + 1, fence = fence + 1, holder = $3,
         rate = NULL, started_at = coalesce(started_at, clock_timestamp()),
         due_at = clock_timestamp() + $4 * interval '1 second'
        WHERE tenant_id = $1 AND id = $2 AND status IN ('queued', 'running')
          AND due_at <= clock_timestamp() AND kind = ANY ($7) AND NOT ${standsStill('$1')}
        RETURNING *`,
      [
        tenantId,
        id,
        this.holder,
        this.leaseSeconds,
        MOST_FAILURES,
        JSON.stringify(surprise),
        kinds,
      ],
    );
    const [row] = rows;
    return row?.status === 'running' ? { tenantId, id, row, fence: row.fence } : undefined;
  }

  /** Keeps the lease and tells the progress; answers why the job is to stop, where it is. */
  async beat(claim: Claim, progress: Progress): Promise<Wish> {
    const { rows } = await this.query(
      `UPDATE job SET due_at = clock_timestamp() + $4 * interval '1 second',
         done = $5, total = $6, rate = $7
        WHERE ${OWNED} RETURNING ${WISH}`,
      [...this.key(claim), this.leaseSeconds, progress.done, progress.total, progress.rate],
    );
    return wishOf(rows);
  }

  /** Why the job is to stop, where it is; costs no write. */
  async wish(claim: Claim): Promise<Wish> {
    const { rows } = await this.query(`SELECT ${WISH} FROM job WHERE ${OWNED}`, this.key(claim));
    return wishOf(rows);
  }

  /** A checkpoint that differs from the last one proves that the job gets on. */
  async save(claim: Claim, checkpoint: unknown, progress: Progress, news: boolean): Promise<void> {
    const { rowCount } = await this.query(
      `UPDATE job SET checkpoint = $4, done = $5, total = $6, rate = $7,
         failures = CASE WHEN $8 THEN 1 ELSE failures END,
         due_at = clock_timestamp() + $9 * interval '1 second'
        WHERE ${OWNED}`,
      [
        ...this.key(claim),
        await this.documents.seal(claim, 'checkpoint', checkpoint),
        progress.done,
        progress.total,
        progress.rate,
        news,
        this.leaseSeconds,
      ],
    );
    if (!rowCount) throw new JobStopped('lost');
  }

  /** Ends the job; false when it belongs to somebody else by now. */
  async finish(claim: Claim, ending: Ending, progress: Progress): Promise<boolean> {
    const { status, result } = ending;
    const { rowCount } = await this.query(
      `UPDATE job SET status = $4, result = $5, error = $6::jsonb, done = $7, total = $8,
         rate = NULL, finished_at = clock_timestamp() WHERE ${OWNED}`,
      [
        ...this.key(claim),
        status,
        result && (await this.documents.seal(claim, 'result', result)),
        status === 'failed' ? JSON.stringify(ending.error) : null,
        progress.done,
        progress.total,
      ],
    );
    return rowCount === 1;
  }

  /** Lets the next process go on, at once or later; that this one stopped is nobody's failure. */
  async handOver(claim: Claim, progress: Progress, seconds = 0): Promise<boolean> {
    return this.queueAgain(claim, progress, seconds, 1);
  }

  /** Tries again after a pause. */
  async tryAgain(claim: Claim, progress: Progress, seconds: number): Promise<boolean> {
    return this.queueAgain(claim, progress, seconds, 0);
  }

  private async queueAgain(
    claim: Claim,
    { done, total }: Progress,
    pause: number,
    forgive: number,
  ) {
    const { rowCount } = await this.query(
      `UPDATE job SET status = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
         finished_at = CASE WHEN cancel_requested THEN clock_timestamp() END,
         failures = greatest(0, failures - $5), done = $6, total = $7, rate = NULL,
         due_at = clock_timestamp() + $4 * interval '1 second'
        WHERE ${OWNED}`,
      [...this.key(claim), pause, forgive, done, total],
    );
    return rowCount === 1;
  }

  /** A few jobs that ended longer ago than this. */
  async endedBefore(days: number): Promise<readonly (JobRef & { readonly kind: string })[]> {
    const { rows } = await this.query(
      `SELECT tenant_id, id, kind FROM job
        WHERE finished_at < clock_timestamp() - $1 * interval '1 day'
        ORDER BY finished_at LIMIT 500`,
      [days],
    );
    return rows.map(({ tenant_id: tenantId, id, kind }) => ({ tenantId, id, kind }));
  }

  /** Deletes a job that has ended. */
  async remove({ tenantId, id }: JobRef): Promise<void> {
    await this.query(
      'DELETE FROM job WHERE tenant_id = $1 AND id = $2 AND finished_at IS NOT NULL',
      [tenantId, id],
    );
  }

  private key({ tenantId, id, fence }: Claim): readonly unknown[] {
    return [tenantId, id, fence];
  }
}

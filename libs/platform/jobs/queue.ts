import type { Database } from '../postgres/database.js';
import type { WakeUp } from '../projections/wake-up.js';
import type { JobRef } from './job.js';

/**
 * Tells workers which jobs may run. It carries ids only and may lose, repeat or invent them: the
 * table is the record, and whoever is told of a job still has to claim it there.
 */
export interface JobQueue {
  /** A job may run from now on; called after its row is committed. */
  announce(job: JobRef): void;
  /** A job of these kinds that may be due; undefined when there seems to be none. */
  next(kinds: readonly string[]): Promise<JobRef | undefined>;
  /** Until a job is announced, and then true, the time has passed or the signal is aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<boolean>;
  /** Whether it can be used; never fails, and never takes longer than a health check may. */
  health(): Promise<QueueHealth>;
  close(): Promise<void>;
}

/** How a queue is, as the health route shows it. */
export interface QueueHealth {
  readonly backend: 'table' | 'redis';
  /** Degraded: jobs run, only later. */
  readonly status: 'healthy' | 'degraded';
  readonly problem?: string;
  /** Settings under which the server may lose what it holds, where that was allowed. */
  readonly unsafe_durability?: readonly string[];
}

const TOPIC = 'jobs';

/** Whether a workspace is suspended: its jobs wait, and those that run are handed back. */
export const standsStill = (tenant: string) =>
  `EXISTS (SELECT 1 FROM es_standstill s WHERE s.tenant_id = ${tenant})`;

/** The queue that is the table itself: nothing to lose, nothing to keep in step. */
export class TableJobQueue implements JobQueue {
  constructor(
    private readonly database: Database,
    private readonly wakeUp: WakeUp,
  ) {}

  announce(): void {
    this.wakeUp.signal(TOPIC);
  }

  /** The job that is due longest, of a tenant that has the fewest running. */
  async next(kinds: readonly string[]): Promise<JobRef | undefined> {
    const { rows } = await this.database.pool('projector').query<{ tenantId: string; id: string }>(
      `SELECT tenant_id AS "tenantId", id FROM job j
        WHERE status IN ('queued', 'running') AND due_at <= clock_timestamp() AND kind = ANY ($1)
          AND NOT ${standsStill('j.tenant_id')}
        ORDER BY (SELECT count(*) FROM job r WHERE r.tenant_id = j.tenant_id
            AND r.status = 'running' AND r.due_at > clock_timestamp()), due_at, id
        LIMIT 1`,
      [kinds],
    );
    return rows[0];
  }

  /** Jobs that are due, each with its place among those of its tenant: 1 is the next. */
  async due(
    kinds: readonly string[],
    limit: number,
  ): Promise<readonly (JobRef & { readonly place: number })[]> {
    const { rows } = await this.database
      .pool('projector')
      .query<{ tenantId: string; id: string; place: number }>(
        `SELECT tenant_id AS "tenantId", id,
            (row_number() OVER (PARTITION BY tenant_id ORDER BY due_at, id))::int AS place
           FROM (SELECT tenant_id, id, due_at FROM job j
                  WHERE status IN ('queued', 'running') AND due_at <= clock_timestamp()
                    AND kind = ANY ($1) AND NOT ${standsStill('j.tenant_id')}
                  ORDER BY due_at LIMIT $2) longest
          ORDER BY place, due_at`,
        [kinds, limit],
      );
    return rows;
  }

  wait(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    return this.wakeUp.wait(milliseconds, signal, TOPIC);
  }

  /** It is as well as the database, of which health tells apart. */
  health(): Promise<QueueHealth> {
    return Promise.resolve({ backend: 'table', status: 'healthy' });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

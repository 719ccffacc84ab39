import type { SagaTimer } from '#kernel/saga-events';
import type { Database } from '../postgres/database.js';

/** A timer as the table has it; whether it still counts, the saga's stream knows. */
export interface DueTimer {
  readonly tenantId: string;
  readonly saga: string;
  readonly instanceId: string;
  readonly name: string;
  /** Revision of the step that set it. */
  readonly setBy: number;
  readonly dueAt: Date;
  /** Whether a test clock made it due. */
  readonly sandbox: boolean;
}

interface TimerRow {
  tenant_id: string;
  saga: string;
  instance_id: string;
  name: string;
  set_by: string;
  due_at: Date;
  sandbox: boolean;
}

type Place = Pick<DueTimer, 'tenantId' | 'saga' | 'instanceId'>;

/** How long one process may take to fire what it took, before another tries. */
const CLAIM_SECONDS = 30;
const AT_ONCE = 100;

/** The table of timers. Taking one is a claim that expires; what makes it fire once is the log. */
export class TimerTable {
  constructor(private readonly database: Database) {}

  /** Sets and cancels timers for a step; one that a later step has set stays as it is. */
  async change(
    { tenantId, saga, instanceId }: Place,
    step: number,
    set: readonly SagaTimer[],
    cancelled: readonly string[],
  ): Promise<void> {
    if (set.length + cancelled.length === 0) return;
    const place = [tenantId, saga, instanceId, step];
    // One statement, so that a crash leaves all of it or nothing.
    await this.database.pool('projector').query(
      `WITH gone AS (
         DELETE FROM es_timer WHERE tenant_id = $1 AND saga = $2 AND instance_id = $3
            AND name = ANY ($5) AND NOT name = ANY ($6) AND set_by < $4)
       INSERT INTO es_timer AS t (tenant_id, saga, instance_id, name, set_by, due_at)
       SELECT $1, $2, $3, n.name, $4, n.due_at
         FROM unnest($6::text[], $7::timestamptz[]) AS n(name, due_at)
       ON CONFLICT (tenant_id, saga, instance_id, name) DO UPDATE
          SET set_by = excluded.set_by, due_at = excluded.due_at, fired = false,
              claimed_until = NULL
        WHERE t.set_by < excluded.set_by`,
      [...place, cancelled, set.map(({ name }) => name), set.map(({ dueAt }) => dueAt)],
    );
  }

  /**
   * Takes timers that are due by the clock of their workspace, the first of each instance only:
   * what it leads to may cancel the next one. Those of a suspended workspace wait.
   */
  async takeDue(now: Date, sagas: readonly string[]): Promise<readonly DueTimer[]> {
    const { rows } = await this.database.pool('projector').query<TimerRow>(
      `UPDATE es_timer u SET claimed_until = clock_timestamp() + $2 * interval '1 second'
         FROM (
           SELECT t.tenant_id, t.saga, t.instance_id, t.name, c.shows IS NOT NULL AS sandbox
             FROM es_timer t LEFT JOIN es_test_clock c ON c.tenant_id = t.tenant_id
            WHERE NOT t.fired AND t.saga = ANY ($4) AND t.due_at <= coalesce(c.shows, $1)
              AND (t.claimed_until IS NULL OR t.claimed_until < clock_timestamp())
              AND NOT EXISTS (
                SELECT 1 FROM es_standstill s
                 WHERE s.tenant_id = t.tenant_id AND s.processor = 'saga:' || t.saga)
              AND NOT EXISTS (
                SELECT 1 FROM es_timer o
                 WHERE o.tenant_id = t.tenant_id AND o.saga = t.saga
                   AND o.instance_id = t.instance_id
                   AND (o.fired OR (o.due_at, o.name) < (t.due_at, t.name)))
            ORDER BY t.due_at LIMIT $3 FOR UPDATE OF t SKIP LOCKED) d
        WHERE u.tenant_id = d.tenant_id AND u.saga = d.saga AND u.instance_id = d.instance_id
          AND u.name = d.name
      RETURNING u.tenant_id, u.saga, u.instance_id, u.name, u.set_by, u.due_at, d.sandbox`,
      [now, CLAIM_SECONDS, AT_ONCE, sagas],
    );
    return rows
      .map((row) => ({
        tenantId: row.tenant_id,
        saga: row.saga,
        instanceId: row.instance_id,
        name: row.name,
        setBy: Number(row.set_by),
        dueAt: row.due_at,
        sandbox: row.sandbox,
      }))
      .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  }

  /** Gives back what a process that is no more had taken. */
  async release(): Promise<void> {
    await this.database
      .pool('projector')
      .query('UPDATE es_timer SET claimed_until = NULL WHERE claimed_until IS NOT NULL');
  }

  /** It is in the log that it fired; the next one of the instance waits for the reaction. */
  async markFired(timer: DueTimer): Promise<void> {
    await this.one(timer, 'UPDATE es_timer SET fired = true WHERE');
  }

  /** Its reaction is done, or it no longer counts. */
  async remove(timer: Place & Pick<DueTimer, 'name' | 'setBy'>): Promise<void> {
    await this.one(timer, 'DELETE FROM es_timer WHERE');
  }

  private async one(
    { tenantId, saga, instanceId, name, setBy }: Place & Pick<DueTimer, 'name' | 'setBy'>,
    statement: string,
  ): Promise<void> {
    await this.database
      .pool('projector')
      .query(
        `${statement} tenant_id = $1 AND saga = $2 AND instance_id = $3 AND name = $4 AND set_by = $5`,
        [tenantId, saga, instanceId, name, setBy],
      );
  }
}

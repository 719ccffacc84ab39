import { scopeOf, type RequestContext } from '#kernel/context';
import { isUuid, uuidv7 } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { failpoint } from '../failpoints.js';
import { validate } from '../commands/validation.js';
import type { Database, Queryable } from '../postgres/database.js';
import type { JobDocuments } from './documents.js';
import { permissionsOf, type AnyJob, type Job, type JobRef, type JobStatus } from './job.js';
import type { JobQueue } from './queue.js';
import { jobOf, type JobRow } from './rows.js';

export interface JobListQuery {
  readonly status?: JobStatus;
  readonly kind?: string;
  /** Jobs of a page, at least 1. */
  readonly limit: number;
  /** The last job seen. */
  readonly after?: JobCursor;
}

export interface JobCursor {
  readonly createdAt: Date;
  readonly id: string;
}

export interface JobPage {
  readonly jobs: readonly Job[];
  readonly hasNext: boolean;
}

const noSuchJob = refusal('NOT_FOUND', 'missing', 'There is no such job in this workspace.');

/** What a person is told who may not do this with a workspace's jobs. */
export function forbidden(permission: string): Refusal {
  const message = `Your role does not allow ${permission}.`;
  const remedy = 'Ask an administrator of the workspace for a role that has it.';
  return refusal('FORBIDDEN', 'forbidden', message, [{ rule: 'permission', message, remedy }]);
}

function refusedState(code: string, message: string, remedy: string): Refusal {
  return refusal(code, 'rule', message, [{ field: 'status', rule: 'status', message, remedy }]);
}

/**
 * Starts jobs and says how they are. Everybody with `jobs:read` sees their own; how far beyond
 * that is the permission's scope. A job out of reach is missing, whoever's it is.
 */
export class Jobs {
  private readonly kinds: ReadonlyMap<string, AnyJob>;

  constructor(
    private readonly parts: {
      readonly database: Database;
      readonly documents: JobDocuments;
      readonly queue: JobQueue;
      readonly definitions: readonly AnyJob[];
    },
  ) {
    this.kinds = new Map(parts.definitions.map((one) => [one.kind, one]));
  }

  definition(kind: string): AnyJob | undefined {
    return this.kinds.get(kind);
  }

  get definitions(): readonly AnyJob[] {
    return [...this.kinds.values()];
  }

  /**
   * Stores a job that a worker takes up at once. The same id begins the same job only once, and
   * answers with it as it is by then.
   */
  async start(
    kind: string,
    input: unknown,
    ctx: RequestContext,
    id: string = uuidv7(),
  ): Promise<Job | Refusal> {
    const definition = this.kinds.get(kind);
    if (!definition) throw new Error(`there is no kind of job ${kind}`);
    const refused = validate(definition.input, input) ?? missingRight(definition, input, ctx);
    if (refused) return refused;
    const ref = { tenantId: ctx.tenantId, id };
    const sealed = await this.parts.documents.seal(ref, 'input', input);
    const row = await this.parts.database.tenant(ctx.tenantId, async (db) => {
      await db.query(
        `INSERT INTO job (tenant_id, id, kind, title, unit, status, actor_type, actor_id,
           correlation_id, input)
         VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
        [
          ref.tenantId,
          id,
          kind,
          definition.title(input as never),
          definition.unit,
          ctx.actor.type,
          ctx.actor.id,
          ctx.correlationId,
          sealed,
        ],
      );
      return rowOf(db, ref);
    });
    failpoint('job_after_start');
    this.parts.queue.announce(ref);
    return jobOf(row!, this.parts.documents);
  }

  async get(ctx: RequestContext, id: string): Promise<Job | Refusal> {
    const row = await this.visible(ctx, id, 'jobs:read');
    return isRefusal(row) ? row : jobOf(row as JobRow, this.parts.documents);
  }

  /** The latest first. */
  async list(ctx: RequestContext, query: JobListQuery): Promise<JobPage | Refusal> {
    const actors = reachOf(ctx, 'jobs:read');
    if (isRefusal(actors)) return actors as Refusal;
    const { rows } = await this.parts.database.tenant(ctx.tenantId, (db) =>
      db.query<JobRow>(
        `SELECT * FROM job WHERE tenant_id = $1
            AND ($2::text[] IS NULL OR actor_id = ANY ($2))
            AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR kind = $4)
            AND ($5::timestamptz IS NULL OR (created_at, id) < ($5, $6::uuid))
          ORDER BY created_at DESC, id DESC LIMIT $7`,
        [
          ctx.tenantId,
          actors === 'all' ? null : actors,
          query.status ?? null,
          query.kind ?? null,
          query.after?.createdAt ?? null,
          query.after?.id ?? null,
          query.limit + 1,
        ],
      ),
    );
    const page = rows.slice(0, query.limit);
    return {
      jobs: await Promise.all(page.map((row) => jobOf(row, this.parts.documents))),
      hasNext: rows.length > query.limit,
    };
  }

  /** Cancels what waits at once; what runs is asked to stop, and stops within a second. */
  async cancel(ctx: RequestContext, id: string): Promise<Job | Refusal> {
    const row = await this.visible(ctx, id, 'jobs:update');
    if (isRefusal(row)) return row as Refusal;
    const changed = await this.change(
      ctx,
      id,
      `cancel_requested = true,
       status = CASE status WHEN 'queued' THEN 'cancelled' ELSE status END,
       finished_at = CASE status WHEN 'queued' THEN clock_timestamp() END`,
      `status IN ('queued', 'running')`,
    );
    if (changed) return changed;
    const known = await this.get(ctx, id);
    if (isRefusal(known) || (known as Job).status === 'cancelled') return known;
    return refusedState(
      'JOB_FINISHED',
      'The job has ended already.',
      'There is nothing to cancel.',
    );
  }

  /** Lets a job that failed or was cancelled go on where it ended. */
  async retry(ctx: RequestContext, id: string): Promise<Job | Refusal> {
    const row = await this.visible(ctx, id, 'jobs:update');
    if (isRefusal(row)) return row as Refusal;
    const { kind, input } = row as JobRow;
    const definition = this.kinds.get(kind);
    if (!definition) {
      const message = `Jobs of the kind ${kind} can no longer be run.`;
      return refusedState('JOB_KIND_UNKNOWN', message, 'Begin a new job instead.');
    }
    const given = await this.parts.documents.open({ tenantId: ctx.tenantId, id }, 'input', input);
    const refused = missingRight(definition, given, ctx);
    if (refused) return refused;
    const changed = await this.change(
      ctx,
      id,
      `status = 'queued', error = NULL, failures = 0, cancel_requested = false,
       finished_at = NULL, due_at = clock_timestamp()`,
      `status IN ('failed', 'cancelled')`,
    );
    if (changed) {
      this.parts.queue.announce(changed);
      return changed;
    }
    const message = 'Only a job that failed or was cancelled can be tried again.';
    return refusedState('JOB_NOT_RETRYABLE', message, 'Begin a new job instead.');
  }

  private async change(
    { tenantId }: RequestContext,
    id: string,
    changes: string,
    condition: string,
  ): Promise<Job | undefined> {
    const { rows } = await this.parts.database.tenant(tenantId, (db) =>
      db.query<JobRow>(
        `UPDATE job SET ${changes} WHERE tenant_id = $1 AND id = $2 AND ${condition} RETURNING *`,
        [tenantId, id],
      ),
    );
    return rows[0] && jobOf(rows[0], this.parts.documents);
  }

  private async visible(
    ctx: RequestContext,
    id: string,
    permission: string,
  ): Promise<JobRow | Refusal> {
    const reading = reachOf(ctx, 'jobs:read');
    if (isRefusal(reading)) return reading as Refusal;
    const { tenantId } = ctx;
    const row = isUuid(id)
      ? await this.parts.database.tenant(tenantId, (db) => rowOf(db, { tenantId, id }))
      : undefined;
    if (!row || !within(reading, row)) return noSuchJob;
    const reach = reachOf(ctx, permission);
    if (isRefusal(reach)) return reach as Refusal;
    return within(reach, row) ? row : forbidden(permission);
  }
}

type Reach = 'all' | readonly string[];

/** Whose jobs a permission reaches. */
function reachOf({ grants, actor, teamUserIds }: RequestContext, permission: string) {
  const scope = scopeOf(grants, permission);
  if (!scope) return forbidden(permission);
  if (scope === 'all') return 'all';
  return scope === 'team' ? (teamUserIds ?? [actor.id]) : [actor.id];
}

function within(reach: Reach | Refusal, row: JobRow): boolean {
  return reach === 'all' || (reach as readonly string[]).includes(row.actor_id);
}

function missingRight(
  definition: AnyJob,
  input: unknown,
  { grants }: RequestContext,
): Refusal | undefined {
  const missing = permissionsOf(definition, input).find((one) => !scopeOf(grants, one));
  return missing === undefined ? undefined : forbidden(missing);
}

async function rowOf(db: Queryable, { tenantId, id }: JobRef): Promise<JobRow | undefined> {
  const { rows } = await db.query<JobRow>('SELECT * FROM job WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    id,
  ]);
  return rows[0];
}

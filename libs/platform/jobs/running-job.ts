import { scopeOf, type RequestContext } from '#kernel/context';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { failpoint } from '../failpoints.js';
import type { Platform } from '../platform.js';
import { MOST_FAILURES, surprise, type Claim, type JobClaims, type Progress } from './claims.js';
import type { JobDocuments } from './documents.js';
import { JobStopped, permissionsOf, type AnyJob, type JobError, type JobResult } from './job.js';
import { Pace } from './pace.js';

type Log = (problem: { readonly message: string; readonly error?: unknown }) => void;

/** Who began a job, as it is stored. */
export interface JobActor {
  readonly tenantId: string;
  readonly actor: RequestContext['actor'];
  readonly correlationId: string;
}

export interface RunParts {
  readonly platform: Platform;
  readonly claims: JobClaims;
  readonly documents: JobDocuments;
  /**
   * The rights of whoever began the job, as they are now.
   * @throws JobStopped while the workspace is suspended.
   */
  readonly contextOf: (by: JobActor) => Promise<RequestContext | Refusal>;
  readonly log: Log;
  /** Seconds to wait before the next try, after so many failures in a row. */
  readonly pauseAfter: (failures: number) => number;
}

const TICK_MS = 500;
/** Seconds until a job is begun again that cannot run at present, and says so itself. */
const WAIT = 1;
/** Signs of life in the time of a lease. */
const BEATS = 4;

/** 1, 4, 16, 64 seconds. */
export const backOff = (failures: number) => Math.min(300, 4 ** (failures - 1));

/** One claimed job from its beginning in this process to its end or its next holder. */
export class RunningJob {
  private readonly stopping = new AbortController();
  private readonly pace: Pace;
  private state: Progress;
  private dirty = false;
  private beatAt = Date.now();
  private failures: number;
  private saved: string | undefined;

  constructor(
    private readonly parts: RunParts,
    private readonly claim: Claim,
    private readonly definition: AnyJob,
  ) {
    const { done, total, failures } = claim.row;
    this.failures = failures;
    this.state = { done: Number(done), total: total === null ? null : Number(total), rate: null };
    this.pace = new Pace(this.state.done);
  }

  /** Asks the job to stop, so that another process goes on with it at once. */
  handOver(): void {
    this.stopping.abort(new JobStopped('handover'));
  }

  /** Resolves when the job is no longer this process's; never rejects. */
  async run(): Promise<void> {
    let ticking = Promise.resolve();
    const timer = setInterval(() => {
      ticking = ticking.then(() => this.tick());
    }, TICK_MS);
    try {
      const answer = await this.work().finally(async () => {
        clearInterval(timer);
        await ticking;
      });
      await this.end(answer);
    } catch (error) {
      await this.fell(error);
    }
  }

  private async work(): Promise<JobResult | Refusal> {
    const { claim, definition } = this;
    const { contextOf, documents, platform } = this.parts;
    const { row, id, tenantId } = claim;
    const ctx = await contextOf({
      tenantId,
      actor: { type: row.actor_type, id: row.actor_id },
      correlationId: row.correlation_id,
    });
    if (isRefusal(ctx)) return ctx as Refusal;
    const input = await documents.open(claim, 'input', row.input);
    const checkpoint = await documents.open(claim, 'checkpoint', row.checkpoint);
    this.saved = JSON.stringify(checkpoint);
    const { grants } = ctx as RequestContext;
    const missing = permissionsOf(definition, input).find((one) => !scopeOf(grants, one));
    if (missing !== undefined) return noLonger(missing);
    return definition.run({
      id,
      ctx: ctx as RequestContext,
      input: input as never,
      checkpoint,
      save: (next, progress) => this.save(next, progress),
      progress: (done, total) => this.told(done, total),
      signal: this.stopping.signal,
      platform,
    });
  }

  private told(done: number, total: number | null = this.state.total): void {
    this.state = { done, total, rate: this.pace.at(done) };
    this.dirty = true;
  }

  private async save(
    checkpoint: unknown,
    progress?: { readonly done: number; readonly total?: number | null },
  ): Promise<void> {
    if (progress) this.told(progress.done, progress.total);
    // Nothing is stored any more for a job that may already run elsewhere.
    if (this.why() === 'lost') throw this.stopping.signal.reason;
    const text = JSON.stringify(checkpoint);
    const news = text !== this.saved;
    failpoint('job_before_save');
    try {
      await this.parts.claims.save(this.claim, checkpoint, this.state, news);
      failpoint('job_after_save');
    } catch (error) {
      if (error instanceof JobStopped) this.stopping.abort(error);
      throw error;
    }
    this.saved = text;
    if (news) this.failures = 1;
    this.dirty = false;
    this.beatAt = Date.now();
  }

  /** Twice a second: tells the progress, keeps the lease, asks whether to go on. */
  private async tick(): Promise<void> {
    const { claims } = this.parts;
    if (this.stopping.signal.aborted) return;
    try {
      const due = this.dirty || Date.now() - this.beatAt >= (claims.leaseSeconds * 1000) / BEATS;
      this.dirty &&= !due;
      const wish = due ? await claims.beat(this.claim, this.state) : await claims.wish(this.claim);
      if (due) this.beatAt = Date.now();
      if (wish) this.stopping.abort(new JobStopped(wish));
    } catch (error) {
      // Whoever cannot renew the lease stops before somebody else may take it.
      const late = Date.now() - this.beatAt > claims.leaseSeconds * 800;
      if (late || error instanceof JobStopped) this.stopping.abort(new JobStopped('lost'));
    }
  }

  private why(): JobStopped['why'] | undefined {
    const { aborted, reason } = this.stopping.signal;
    return aborted ? (reason as JobStopped).why : undefined;
  }

  private async end(answer: JobResult | Refusal): Promise<void> {
    if (this.why() === 'lost' || this.why() === 'handover') return this.stopped();
    if (isRefusal(answer)) {
      const error = errorOf(answer as Refusal);
      return this.finish({ status: 'failed', error, result: null });
    }
    const status = this.why() === 'cancelled' ? 'cancelled' : 'succeeded';
    return this.finish({ status, result: answer as JobResult });
  }

  private async fell(error: unknown): Promise<void> {
    const { claim, failures } = this;
    const { log, claims, pauseAfter } = this.parts;
    try {
      if (this.why()) return await this.stopped();
      if (error instanceof JobStopped) return void (await claims.handOver(claim, this.state, WAIT));
      log({ message: `job ${claim.row.kind} ${claim.id} failed (${failures})`, error });
      if (failures >= MOST_FAILURES) {
        return await this.finish({ status: 'failed', error: surprise, result: null });
      }
      await claims.tryAgain(claim, this.state, pauseAfter(failures));
    } catch (second) {
      // The lease ends, and the job goes on from its checkpoint.
      log({ message: `job ${claim.id} could not be put back`, error: second });
    }
  }

  private async stopped(): Promise<void> {
    const { claims } = this.parts;
    if (this.why() === 'handover') await claims.handOver(this.claim, this.state);
    if (this.why() === 'cancelled') await this.finish({ status: 'cancelled', result: null });
  }

  private async finish(ending: Parameters<JobClaims['finish']>[1]): Promise<void> {
    const { claims, log } = this.parts;
    failpoint('job_before_finish');
    const isOurs = await claims.finish(this.claim, ending, this.state);
    failpoint('job_after_finish');
    if (isOurs) return;
    log({ message: `job ${this.claim.id} belongs to another process; its end was refused` });
  }
}

function noLonger(permission: string): Refusal {
  const message = `Whoever began the job may no longer do this: it needs ${permission}.`;
  return refusal('FORBIDDEN', 'forbidden', message);
}

/** What a refusal says, as a job shows it. */
function errorOf({ code, message, details }: Refusal): JobError {
  const remedy = details.find((detail) => detail.remedy)?.remedy;
  return { code, message, remedy: remedy ?? 'Mend what it names, then try the job again.' };
}

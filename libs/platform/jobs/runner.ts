import { setTimeout as sleep } from 'node:timers/promises';
import { failpoint } from '../failpoints.js';
import type { Platform } from '../platform.js';
import { newHolder } from '../projections/lease.js';
import { JobClaims } from './claims.js';
import { backOff, RunningJob, type RunParts } from './running-job.js';
import type { JobQueue } from './queue.js';

export interface JobRunnerOptions extends Pick<RunParts, 'contextOf'> {
  /** Jobs this process runs at once. */
  readonly atOnce: number;
  /** Days after which a job that ended is deleted. */
  readonly keepDays: number;
  readonly log?: RunParts['log'];
  readonly pauseAfter?: RunParts['pauseAfter'];
  readonly leaseSeconds?: number;
}

const POLL_MS = { least: 10, most: 1000 };
const CLEAN_MS = 3_600_000;
/** How long a job may take to stop before its lease has to run out instead. */
const STOP_MS = 8_000;

/** Runs the jobs of all tenants, as one of any number of processes that do. */
export class JobRunner {
  private readonly parts: RunParts;
  private readonly stopping = new AbortController();
  private readonly running = new Map<RunningJob, Promise<void>>();
  private readonly queue: JobQueue;
  private loop: Promise<void> | undefined;
  private cleanedAt = 0;

  constructor(
    platform: Platform,
    private readonly options: JobRunnerOptions,
  ) {
    const { log = () => undefined, pauseAfter = backOff, contextOf, leaseSeconds } = options;
    const { database, jobDocuments: documents, jobQueue } = platform;
    const holder = newHolder();
    const claims = new JobClaims(database, documents, holder, leaseSeconds);
    this.queue = jobQueue;
    this.parts = { platform, claims, documents, contextOf, log, pauseAfter };
  }

  start(): void {
    if (this.parts.platform.jobs.definitions.length > 0) this.loop ??= this.run();
  }

  /** Takes no more jobs, and hands those that run to the next process, to go on where they are. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    for (const job of this.running.keys()) job.handOver();
    const late = new AbortController();
    await Promise.race([
      Promise.all(this.running.values()),
      sleep(STOP_MS, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
  }

  private async run(): Promise<void> {
    let pause = POLL_MS.least;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        if (Date.now() - this.cleanedAt > CLEAN_MS) await this.clean();
        if (await this.takeOne()) {
          pause = POLL_MS.least;
          continue;
        }
        pause = Math.min(pause * 2, POLL_MS.most);
      } catch (error) {
        pause = POLL_MS.most;
        if (!signal.aborted) this.parts.log({ message: 'jobs could not be taken', error });
      }
      if (await this.queue.wait(pause, signal)) pause = POLL_MS.least;
    }
  }

  /** Takes the next job; waits for a place first. False when there is none to take. */
  private async takeOne(): Promise<boolean> {
    const { platform, claims } = this.parts;
    if (this.running.size >= this.options.atOnce) {
      await this.place();
      return true;
    }
    const kinds = platform.jobs.definitions.map(({ kind }) => kind);
    const ref = await this.queue.next(kinds);
    if (!ref) return false;
    const claim = await claims.claim(ref, kinds);
    if (claim) failpoint('job_after_claim');
    const definition = claim && platform.jobs.definition(claim.row.kind);
    if (!claim || !definition) return claim === undefined;
    const job = new RunningJob(this.parts, claim, definition);
    this.running.set(
      job,
      job.run().finally(() => this.running.delete(job)),
    );
    return true;
  }

  /** Until a job ends or no more are to be taken. */
  private async place(): Promise<void> {
    const { signal } = this.stopping;
    const free = new AbortController();
    const either = AbortSignal.any([signal, free.signal]);
    const ended = new Promise<void>((resolve) => either.addEventListener('abort', () => resolve()));
    if (signal.aborted) return;
    for (const one of this.running.values()) void one.finally(() => free.abort());
    await ended;
  }

  /** Deletes jobs that ended long ago, with what they kept. */
  private async clean(): Promise<void> {
    const { claims, platform, log } = this.parts;
    this.cleanedAt = Date.now();
    for (;;) {
      const old = await claims.endedBefore(this.options.keepDays);
      for (const job of old) {
        if (this.stopping.signal.aborted) return;
        const definition = platform.jobs.definition(job.kind);
        await definition?.forget?.(job, platform).catch((error: unknown) => {
          log({ message: `what job ${job.id} kept could not be deleted`, error });
        });
        await claims.remove(job);
      }
      if (old.length === 0) return;
    }
  }
}

import { Injectable, computed, inject, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { isActive, type Job } from './job';
import { Jobs } from './jobs';
import { refreshQuietly } from './refresh';

const RUNNING_SECONDS = 1;
const ENDED_SECONDS = 10;

/** One job, followed for as long as it runs. */
@Injectable()
export class JobWatch {
  private readonly jobs = inject(Jobs);
  private readonly seen = signal<Job | undefined>(undefined);
  private readonly failed = signal<ApiError | undefined>(undefined);
  private id: string | undefined;
  readonly job = this.seen.asReadonly();
  /** Why it could not be read at all; a hiccup while it is shown is none. */
  readonly error = computed(() => (this.seen() ? undefined : this.failed()));

  constructor() {
    refreshQuietly(
      async () => {
        const job = this.seen();
        if (this.id && (job ? isActive(job) : this.failed()?.offline)) await this.read(this.id);
      },
      () => (this.seen() && !isActive(this.seen()!) ? ENDED_SECONDS : RUNNING_SECONDS),
    );
  }

  follow(id: string | undefined): void {
    if (id === this.id) return;
    this.id = id;
    this.seen.set(undefined);
    this.failed.set(undefined);
    if (id) void this.read(id);
  }
  /** Shows a job as a command answered it. */
  show(job: Job | undefined): void {
    if (job?.id === this.id) this.seen.set(job);
  }
  async cancel(): Promise<void> {
    if (this.id) this.show(await this.jobs.cancel(this.id));
  }
  async retry(): Promise<void> {
    if (this.id) this.show(await this.jobs.retry(this.id));
  }
  reload(): void {
    if (this.id) void this.read(this.id);
  }

  private async read(id: string): Promise<void> {
    try {
      const job = await this.jobs.get(id);
      if (id !== this.id) return;
      this.failed.set(undefined);
      this.seen.set(job);
    } catch (error) {
      if (id === this.id) this.failed.set(apiError(error));
    }
  }
}

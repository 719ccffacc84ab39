import {
  Component,
  computed,
  effect,
  inject,
  input,
  output,
  signal,
  untracked,
} from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { Chip } from '../../ui/chip';
import { Failure } from '../../ui/failure';
import { State } from '../../ui/state';
import { When } from '../../ui/when';
import { provideKeys } from '../frame/commands';
import { byOf, importResult, isActive, statuses, statusOf, type Job, type JobStatus } from './job';
import { JobDetail } from './job-detail';
import { JobProgressBar } from './job-progress';
import { Jobs } from './jobs';
import { refreshQuietly } from './refresh';

const PAGE = 20;
const kinds = [{ value: 'import', label: 'Imports' }] as const;

/** The jobs of the workspace, the latest first, with filters and one of them beside the list. */
@Component({
  selector: 'cf-job-list',
  imports: [Bones, Chip, Failure, JobDetail, JobProgressBar, State, When],
  templateUrl: './job-list.html',
  styleUrl: './job-list.scss',
})
export class JobList {
  readonly status = input.required<string | null>();
  readonly kind = input.required<string | null>();
  /** Id of the job that is shown beside the list. */
  readonly opened = input.required<string | null>();
  readonly go = output<Readonly<Record<string, string | null>>>();
  private readonly jobs = inject(Jobs);
  private readonly read = signal<readonly Job[] | undefined>(undefined);
  private readonly failed = signal<ApiError | undefined>(undefined);
  private readonly next = signal<string | null>(null);
  private size = PAGE;
  protected readonly all = this.read.asReadonly();
  protected readonly hasMore = computed(() => this.next() !== null);
  protected readonly error = computed(() => (this.read() ? undefined : this.failed()));
  protected readonly statuses = statuses;
  protected readonly kinds = kinds;
  protected readonly statusOf = statusOf;
  protected readonly byOf = byOf;
  protected readonly active = isActive;
  protected readonly isFiltered = computed(() => this.status() !== null || this.kind() !== null);

  constructor() {
    effect(() => {
      this.status();
      this.kind();
      untracked(() => {
        this.size = PAGE;
        this.read.set(undefined);
        void this.refresh();
      });
    });
    refreshQuietly(
      () => this.refresh(),
      () => (this.all()?.some(isActive) ? 1 : 5),
    );
    provideKeys([
      {
        title: 'Close the side panel',
        keys: 'escape',
        group: 'This page',
        silent: true,
        when: () => this.opened() !== null,
        run: () => this.go.emit({ job: null }),
      },
    ]);
  }

  protected async refresh(): Promise<void> {
    const filter = { status: this.status() as JobStatus | null, kind: this.kind() };
    const isCurrent = () => filter.status === this.status() && filter.kind === this.kind();
    try {
      const { jobs, next } = await this.jobs.page(filter, Math.min(this.size, 100));
      if (!isCurrent()) return;
      this.read.set(jobs);
      this.next.set(next);
      this.failed.set(undefined);
    } catch (error) {
      if (isCurrent()) this.failed.set(apiError(error));
    }
  }
  protected more(): void {
    this.size += PAGE;
    void this.refresh();
  }
  protected async cancel(job: Job): Promise<void> {
    this.replace(await this.jobs.cancel(job.id));
  }
  protected async retry(job: Job): Promise<void> {
    this.replace(await this.jobs.retry(job.id));
  }
  protected replace(job: Job | undefined): void {
    if (job) this.read.update((all) => all?.map((one) => (one.id === job.id ? job : one)));
  }
  protected sumOf(job: Job): string {
    const result = importResult(job);
    if (!result) return job.error?.message ?? '';
    const { created, changed, rejected, dryRun } = result;
    const counts = `${created} created, ${changed} changed, ${rejected} rejected`;
    return dryRun ? `Check: ${counts}` : counts;
  }
}

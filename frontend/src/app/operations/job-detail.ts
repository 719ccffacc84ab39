import { CdkTrapFocus } from '@angular/cdk/a11y';
import { Component, computed, effect, inject, input, output, untracked } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Chip } from '../../ui/chip';
import { Icon } from '../../ui/icon';
import { State } from '../../ui/state';
import { When } from '../../ui/when';
import { ErasureReport } from './erasure-report';
import { ImportOutcome } from './import-outcome';
import {
  byOf,
  canRetry,
  erasureResult,
  importResult,
  isActive,
  statusOf,
  tookText,
  type Job,
} from './job';
import { JobProgressBar } from './job-progress';
import { JobWatch } from './job-watch';

/** Everything about one job, beside the list. */
@Component({
  selector: 'cf-job-detail',
  imports: [
    CdkTrapFocus,
    Chip,
    ErasureReport,
    Icon,
    ImportOutcome,
    JobProgressBar,
    RouterLink,
    State,
    When,
  ],
  providers: [JobWatch],
  templateUrl: './job-detail.html',
  styleUrl: './job-detail.scss',
})
export class JobDetail {
  readonly id = input.required<string>();
  readonly closed = output();
  readonly changed = output<Job>();
  protected readonly watch = inject(JobWatch);
  protected readonly statusOf = statusOf;
  protected readonly byOf = byOf;
  protected readonly active = isActive;
  protected readonly canRetry = canRetry;
  protected readonly result = computed(() => {
    const job = this.watch.job();
    return job && importResult(job);
  });
  protected readonly erasure = computed(() => {
    const job = this.watch.job();
    return job && erasureResult(job);
  });
  protected readonly address = computed(() => {
    const id = this.id();
    return this.result()?.dryRun ? { check: id } : { run: id };
  });
  protected readonly took = computed(() => {
    const { startedAt, finishedAt } = this.watch.job() ?? {};
    if (!startedAt || !finishedAt) return undefined;
    return tookText((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
  });

  constructor() {
    effect(() => {
      const id = this.id();
      untracked(() => this.watch.follow(id));
    });
    effect(() => {
      const job = this.watch.job();
      if (job) untracked(() => this.changed.emit(job));
    });
  }
}

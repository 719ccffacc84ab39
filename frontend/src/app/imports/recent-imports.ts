import { Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Chip } from '../../ui/chip';
import { numberText } from '../../ui/format';
import { When } from '../../ui/when';
import { importResult, isActive, statusOf, type Job } from '../operations/job';
import { JobProgressBar } from '../operations/job-progress';
import { Jobs } from '../operations/jobs';
import { refreshQuietly } from '../operations/refresh';

const SHOWN = 5;

/** The latest imports, so that whoever left finds the one that runs. */
@Component({
  selector: 'cf-recent-imports',
  imports: [Chip, JobProgressBar, RouterLink, When],
  template: `
    @if (jobs().length > 0) {
      <h2 id="recent-imports">Recent imports</h2>
      <ul class="card" aria-labelledby="recent-imports">
        @for (job of jobs(); track job.id) {
          <li>
            <a [routerLink]="['/import']" [queryParams]="addressOf(job)">
              <span class="title cut" [title]="job.title">{{ job.title }}</span>
              <span class="sum number cut">{{ sumOf(job) }}</span>
              <span class="at"><cf-when [at]="job.createdAt" /></span>
              <cf-chip [tone]="status(job).tone">{{ status(job).label }}</cf-chip>
              @if (active(job)) {
                <cf-job-progress class="progress" [job]="job" />
              }
            </a>
          </li>
        }
      </ul>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 8px;
      min-width: 0;
    }
    h2 {
      margin-top: 8px;
    }
    li + li {
      border-top: 1px solid var(--cf-line);
    }
    a {
      display: grid;
      grid-template-columns: minmax(0, 2fr) minmax(0, 3fr) auto 84px;
      align-items: center;
      gap: 4px 16px;
      min-height: 44px;
      padding: 8px 16px;
    }
    a:hover {
      background: var(--cf-hover);
    }
    li:first-child a {
      border-radius: 10px 10px 0 0;
    }
    li:last-child a {
      border-radius: 0 0 10px 10px;
    }
    .title {
      font-weight: 500;
    }
    .sum,
    .at {
      color: var(--cf-text-soft);
    }
    cf-chip {
      justify-self: end;
    }
    .progress {
      grid-column: 1 / -1;
    }
    @media (max-width: 720px) {
      a {
        grid-template-columns: minmax(0, 1fr) auto;
      }
      .at {
        grid-row: 2;
        grid-column: 2;
        justify-self: end;
      }
      cf-chip {
        grid-row: 1;
        grid-column: 2;
      }
    }
  `,
})
export class RecentImports {
  private readonly api = inject(Jobs);
  protected readonly jobs = signal<readonly Job[]>([]);
  protected readonly status = statusOf;
  protected readonly active = isActive;

  constructor() {
    const refresh = async () => {
      try {
        this.jobs.set((await this.api.page({ kind: 'import' }, SHOWN)).jobs);
      } catch {
        // A file can be chosen all the same.
      }
    };
    void refresh();
    refreshQuietly(refresh, () => (this.jobs().some(isActive) ? 1 : 10));
  }

  protected addressOf(job: Job) {
    return importResult(job)?.dryRun ? { check: job.id } : { run: job.id };
  }
  protected sumOf(job: Job): string {
    // The bar beneath has the words for one that runs.
    if (isActive(job)) return '';
    const result = importResult(job);
    if (!result) return job.error?.message ?? '';
    const { created, changed, rejected, dryRun } = result;
    const parts = [
      `${numberText(created)} created`,
      `${numberText(changed)} changed`,
      ...(rejected > 0 ? [`${numberText(rejected)} rejected`] : []),
    ];
    return `${dryRun ? 'Check: ' : ''}${parts.join(', ')}`;
  }
}

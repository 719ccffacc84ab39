import { Component, computed, inject, input } from '@angular/core';
import { Router } from '@angular/router';
import { State } from '../../ui/state';
import { Session } from '../session/session';
import { DeadLetterList } from './dead-letter-list';
import { HealthPanel } from './health-panel';
import { JobList } from './job-list';
import { ProjectionList } from './projection-list';

/** How the workspace is served: read models, jobs and health; refreshed by itself. */
@Component({
  selector: 'cf-operations-page',
  imports: [DeadLetterList, HealthPanel, JobList, ProjectionList, State],
  template: `
    <header>
      <h1>Operations</h1>
      <p>How this workspace is doing: its read models, its jobs and the health of the server.</p>
    </header>
    @if (mayRead()) {
      <cf-health-panel />
      <cf-job-list
        [status]="status() ?? null"
        [kind]="kind() ?? null"
        [opened]="job() ?? null"
        (go)="go($event)"
      />
      <cf-projection-list [opened]="model() ?? null" (go)="go($event)" />
      <cf-dead-letter-list [processor]="model() ?? null" (go)="go($event)" />
    } @else {
      <div class="card">
        <cf-state
          icon="lock"
          title="Operations are for administrators"
          text="Your role does not show how the workspace is served. Ask its owner for the role Administrator if you look after it."
        />
      </div>
    }
  `,
  styleUrl: './operations-page.scss',
})
export class OperationsPage {
  /** Filters of the jobs, the opened job and the opened read model, all from the address. */
  readonly status = input<string>();
  readonly kind = input<string>();
  readonly job = input<string>();
  readonly model = input<string>();
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  protected readonly mayRead = computed(() => this.session.may('operations:read'));

  protected go(queryParams: Readonly<Record<string, string | null>>): void {
    void this.router.navigate([], { queryParams, queryParamsHandling: 'merge' });
  }
}

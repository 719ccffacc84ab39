import { Component, computed, inject, input, signal } from '@angular/core';
import { Api, apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { numberText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { Toasts } from '../../ui/toasts';
import { When } from '../../ui/when';
import { isActive, type Job } from '../operations/job';
import { JobProgressBar } from '../operations/job-progress';
import { JobWatch } from '../operations/job-watch';
import { bytesText } from '../imports/import-file';
import { problemText } from '../session/link-pages';

/** What an export that ended well made. */
interface Exported {
  readonly events: number;
  readonly records: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly expiresAt: string;
}

const PATH = '/api/v1/tenant/export';

/** The whole workspace as a file: begins an export, follows it, and leads to what it made. */
@Component({
  selector: 'cf-workspace-export',
  imports: [Bones, Icon, JobProgressBar, When],
  providers: [JobWatch],
  templateUrl: './workspace-export.html',
  styleUrl: '../security/security.scss',
  styles: '.digest { overflow-wrap: anywhere; }',
})
export class WorkspaceExport {
  private readonly api = inject(Api);
  private readonly toasts = inject(Toasts);
  protected readonly watch = inject(JobWatch);
  /** Name of the workspace. */
  readonly name = input.required<string>();
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly isRead = signal(false);
  protected readonly isNone = signal(false);
  protected readonly isBusy = signal(false);
  protected readonly job = this.watch.job;
  protected readonly isRunning = computed(() => {
    const job = this.job();
    return job !== undefined && isActive(job);
  });
  protected readonly made = computed(() => {
    const job = this.job();
    return job?.status === 'succeeded' ? (job.result as Exported) : undefined;
  });
  protected readonly hasExpired = computed(() => {
    const made = this.made();
    return made !== undefined && new Date(made.expiresAt) <= new Date();
  });
  protected readonly count = numberText;
  protected readonly size = bytesText;

  constructor() {
    void this.read();
  }

  protected async read(): Promise<void> {
    try {
      const last = await this.api.json<Pick<Job, 'id'> | { readonly data: null }>(PATH);
      this.isNone.set(!('id' in last));
      if ('id' in last) this.watch.follow(last.id);
      this.isRead.set(true);
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
  protected begin(): Promise<void> {
    return this.work(async () => {
      const { id } = await this.api.json<Pick<Job, 'id'>>(PATH, { method: 'POST' });
      this.isNone.set(false);
      this.watch.follow(id);
    });
  }
  protected cancel(): Promise<void> {
    return this.work(() => this.watch.cancel());
  }
  /** The browser takes the file by a link of its own, so that no page has to hold it. */
  protected save({ id }: Pick<Job, 'id'>): Promise<void> {
    return this.work(async () => {
      const { url } = await this.api.json<{ readonly url: string }>(`${PATH}/${id}/link`, {
        method: 'POST',
      });
      const link = document.createElement('a');
      link.href = url;
      link.download = '';
      link.click();
    });
  }

  private async work(what: () => Promise<void>): Promise<void> {
    if (this.isBusy()) return;
    this.isBusy.set(true);
    try {
      await what();
    } catch (error) {
      this.toasts.problem(problemText(error));
    } finally {
      this.isBusy.set(false);
    }
  }
}

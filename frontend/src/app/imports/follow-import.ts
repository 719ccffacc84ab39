import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { numberText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { State } from '../../ui/state';
import { importResult, isActive, type Job } from '../operations/job';
import { ImportOutcome } from '../operations/import-outcome';
import { JobProgressBar } from '../operations/job-progress';
import { JobWatch } from '../operations/job-watch';
import { typeOfName } from './types';

/** The third and the fourth step: a check or an import while it runs, and what came of it. */
@Component({
  selector: 'cf-follow-import',
  imports: [Icon, ImportOutcome, JobProgressBar, RouterLink, State],
  templateUrl: './follow-import.html',
  styleUrl: './follow-import.scss',
})
export class FollowImport {
  /** Whether this is the check before the import. */
  readonly isCheck = input.required<boolean>();
  protected readonly watch = inject(JobWatch);
  protected readonly active = isActive;
  protected readonly result = computed(() => {
    const job = this.watch.job();
    return job && importResult(job);
  });
  protected readonly type = computed(() => typeOfName(this.result()?.type));
  protected readonly headline = computed(() => {
    const job = this.watch.job();
    return job ? headlineOf(job, this.isCheck()) : '';
  });
  protected readonly explanation = computed(() => {
    const job = this.watch.job();
    return job ? explanationOf(job, this.isCheck()) : '';
  });
  protected readonly tone = computed(() => {
    const job = this.watch.job();
    if (!job || isActive(job)) return 'calm';
    if (job.status === 'failed') return 'bad';
    if (job.status === 'cancelled') return 'warn';
    return (this.result()?.rejected ?? 0) > 0 ? 'warn' : 'good';
  });
  protected readonly icon = computed(() =>
    this.tone() === 'good' ? 'check' : this.tone() === 'calm' ? 'upload' : 'warn',
  );
}

function headlineOf(job: Job, isCheck: boolean): string {
  if (isActive(job)) {
    if (job.cancelRequested) return 'Stopping…';
    return isCheck ? 'Checking every row' : job.title;
  }
  if (job.status === 'failed') return isCheck ? 'The check ended early' : 'The import ended early';
  if (job.status === 'cancelled')
    return isCheck ? 'The check was cancelled' : 'The import was cancelled';
  const result = importResult(job);
  const rejected = result?.rejected ?? 0;
  if (!result) return 'Done';
  if (isCheck) {
    if (result.created + result.changed === 0 && rejected === 0) return 'Nothing to do';
    return rejected > 0 ? `${rowsText(rejected)} cannot be imported` : 'Every row can be imported';
  }
  return rejected > 0 ? `Imported, ${rowsText(rejected)} rejected` : 'Imported';
}

function explanationOf(job: Job, isCheck: boolean): string {
  if (isActive(job)) {
    return isCheck
      ? 'Nothing is written. You can leave this page; the check goes on.'
      : 'You can leave this page; the import goes on, and this page finds it again.';
  }
  if (job.status === 'failed') {
    return [job.error?.message, job.error?.remedy].filter(Boolean).join(' ');
  }
  if (job.status === 'cancelled') {
    return isCheck
      ? 'Nothing was written.'
      : 'What was imported until then stays. It can go on where it ended.';
  }
  const result = importResult(job);
  if (!result) return '';
  if (isCheck && result.created + result.changed === 0) {
    return result.rejected > 0
      ? 'Mend the rows below, or change how the columns are read.'
      : 'Everything in the file is in the workspace already.';
  }
  if (result.rejected === 0) return isCheck ? 'Nothing was written yet.' : 'Nothing was rejected.';
  return isCheck
    ? 'Nothing was written yet. You can mend them now, or import the others and mend them later.'
    : 'Download the rejected rows, mend them in your file and import it again: what is there already stays as it is.';
}

const rowsText = (count: number) => `${numberText(count)} ${count === 1 ? 'row' : 'rows'}`;

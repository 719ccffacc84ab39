import { Component, computed, inject, signal } from '@angular/core';
import {
  MAT_DIALOG_DATA,
  MatDialogModule,
  MatDialogRef,
  type MatDialog,
} from '@angular/material/dialog';
import { firstValueFrom } from 'rxjs';
import { apiError } from '../../../data/api';
import type { ErasureReason } from '../../../data/generated/graphql';
import { Icon } from '../../../ui/icon';
import { ErasureReport } from '../../operations/erasure-report';
import { canRetry, erasureResult } from '../../operations/job';
import { JobProgressBar } from '../../operations/job-progress';
import { JobWatch } from '../../operations/job-watch';
import { Jobs } from '../../operations/jobs';
import type { RecordRow } from '../record-type';

export interface EraseRequest {
  readonly row: RecordRow;
}

const reasons: readonly { readonly value: ErasureReason; readonly label: string }[] = [
  { value: 'request', label: 'The person asked for it' },
  { value: 'consent_withdrawn', label: 'Consent was withdrawn' },
  { value: 'no_longer_needed', label: 'The data is no longer needed' },
  { value: 'unlawful', label: 'It was kept unlawfully' },
  { value: 'legal_duty', label: 'The law demands it' },
];

/** Asks for a reason and the name once more, erases a person, and shows what was reached. */
@Component({
  selector: 'cf-erase-dialog',
  imports: [ErasureReport, Icon, JobProgressBar, MatDialogModule],
  providers: [JobWatch],
  templateUrl: './erase-dialog.html',
  styleUrl: './erase-dialog.scss',
})
export class EraseDialog {
  protected readonly data = inject<EraseRequest>(MAT_DIALOG_DATA);
  protected readonly watch = inject(JobWatch);
  private readonly ref = inject(MatDialogRef) as MatDialogRef<unknown, boolean>;
  private readonly jobs = inject(Jobs);
  protected readonly reasons = reasons;
  protected readonly reason = signal<ErasureReason>('request');
  protected readonly reference = signal('');
  protected readonly confirmed = signal('');
  protected readonly isBusy = signal(false);
  protected readonly problem = signal<string | undefined>(undefined);
  protected readonly isConfirmed = computed(
    () => this.confirmed().trim() === this.data.row.label.trim(),
  );
  protected readonly report = computed(() => {
    const job = this.watch.job();
    return job && erasureResult(job);
  });
  protected readonly retryable = computed(() => {
    const job = this.watch.job();
    return job !== undefined && canRetry(job);
  });

  protected toReason(value: string): ErasureReason {
    return reasons.find((one) => one.value === value)?.value ?? 'request';
  }

  protected async erase(event: Event): Promise<void> {
    event.preventDefault();
    if (this.isBusy() || !this.isConfirmed()) return;
    this.isBusy.set(true);
    this.problem.set(undefined);
    try {
      const answer = await this.jobs.erase(this.data.row.id, {
        reason: this.reason(),
        reference: this.reference().trim() || null,
      });
      if (typeof answer === 'string') return this.problem.set(answer);
      // From here on the record is going away, however the dialog is left.
      this.ref.disableClose = true;
      this.watch.follow(answer.id);
    } catch (error) {
      this.problem.set(`${apiError(error).message} Nothing was erased.`);
    } finally {
      this.isBusy.set(false);
    }
  }
}

/** Opens the dialog; true once an erasure was begun. */
export async function askToErase(dialog: MatDialog, row: RecordRow): Promise<boolean> {
  const opened = dialog.open<unknown, EraseRequest, boolean>(EraseDialog, {
    data: { row },
    width: '520px',
    maxWidth: 'calc(100vw - 24px)',
    autoFocus: 'select',
  });
  return (await firstValueFrom(opened.afterClosed())) === true;
}

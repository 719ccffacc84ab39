import { Component, computed, inject, signal } from '@angular/core';
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from '@angular/material/dialog';
import { dayOf } from '../../ui/format';
import type { Stage } from '../pipelines/pipelines';
import type { Field, RecordRow } from '../records/record-type';
import { FormField } from '../records/record/form-field';

export interface MoveQuestion {
  readonly row: RecordRow;
  readonly stage: Stage;
  readonly missing: readonly Field[];
}
export interface MoveAnswer {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly lostReason?: string;
  readonly actualCloseDate?: string;
}

const reasons = [
  'Price',
  'Lost to a competitor',
  'No budget',
  'No decision',
  'Timing',
  'Missing feature',
];

/** Just the question a stage asks before a deal enters it. */
@Component({
  selector: 'cf-move-question',
  imports: [FormField, MatDialogModule],
  templateUrl: './move-question.html',
  styleUrl: './move-question.scss',
})
export class MoveQuestionDialog {
  protected readonly data = inject<MoveQuestion>(MAT_DIALOG_DATA);
  private readonly ref = inject(MatDialogRef) as MatDialogRef<unknown, MoveAnswer>;
  protected readonly reasons = reasons;
  protected readonly today = dayOf(new Date());
  protected readonly row = signal<RecordRow>(this.data.row);
  protected readonly reason = signal('');
  protected readonly day = signal(this.today);
  protected readonly title = computed(() => {
    const { row, stage } = this.data;
    if (stage.kind === 'won') return `Win ${row.label}`;
    return stage.kind === 'lost' ? `Lose ${row.label}` : `Move to ${stage.name}`;
  });
  protected readonly isComplete = computed(() => {
    const lacks = this.data.missing.some(({ name }) => (this.row()[name] ?? null) === null);
    return !lacks && (this.data.stage.kind !== 'lost' || this.reason().trim() !== '');
  });

  protected set({ name }: Field, change: Readonly<Record<string, unknown>>): void {
    this.row.update((row) => ({ ...row, ...change, [name]: change[name] }));
  }
  protected confirm(event: Event): void {
    event.preventDefault();
    if (!this.isComplete()) return;
    const { missing, stage } = this.data;
    const fields = Object.fromEntries(missing.map(({ name }) => [name, this.row()[name]]));
    const closes = stage.kind !== 'open';
    this.ref.close({
      fields,
      ...(stage.kind === 'lost' ? { lostReason: this.reason().trim() } : {}),
      ...(closes && this.day() ? { actualCloseDate: this.day() } : {}),
    });
  }
}

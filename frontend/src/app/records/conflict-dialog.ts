import { Component, inject, signal } from '@angular/core';
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from '@angular/material/dialog';
import { When } from '../../ui/when';
import { ChangeValue } from '../timeline/change-value';
import type { Differences } from './conflicts';
import type { RecordRow, RecordType, Reference } from './record-type';

export interface ConflictQuestion {
  readonly type: RecordType;
  readonly theirs: RecordRow;
  readonly differences: Differences;
}
/** Whose value each field gets. */
export type Choices = Readonly<Record<string, 'mine' | 'theirs'>>;

/** Somebody else changed the same field: shows both values and lets the person choose for each. */
@Component({
  selector: 'cf-conflict-dialog',
  imports: [ChangeValue, MatDialogModule, When],
  templateUrl: './conflict-dialog.html',
  styleUrl: './conflict-dialog.scss',
})
export class ConflictDialog {
  protected readonly question = inject<ConflictQuestion>(MAT_DIALOG_DATA);
  private readonly ref = inject(MatDialogRef) as MatDialogRef<unknown, Choices>;
  protected readonly conflicts = this.question.differences.conflicts;
  protected readonly others = this.question.differences.others;
  protected readonly who =
    (this.question.theirs['updatedByUser'] as Reference | null)?.label ?? 'Somebody else';
  protected readonly at = String(this.question.theirs['updatedAt']);
  protected readonly choices = signal<Choices>(
    Object.fromEntries(this.conflicts.map(({ field }) => [field.name, 'mine' as const])),
  );

  protected choose(name: string, side: 'mine' | 'theirs'): void {
    this.choices.update((choices) => ({ ...choices, [name]: side }));
  }
  protected save(): void {
    this.ref.close(this.choices());
  }
}

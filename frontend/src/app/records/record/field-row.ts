import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, inject, input, signal } from '@angular/core';
import { MatTooltip } from '@angular/material/tooltip';
import { Icon } from '../../../ui/icon';
import { Editor } from '../editor';
import type { Field, RecordRow } from '../record-type';
import { Value } from '../value';
import { FieldHistory } from './field-history';
import { RecordStore } from './record-store';

const picked = new Set(['choice', 'record', 'tags', 'flag']);

/** A field of a record: its value, edited in place, and everything it ever was. */
@Component({
  selector: 'cf-field-row',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, Editor, FieldHistory, Icon, MatTooltip, Value],
  templateUrl: './field-row.html',
  styleUrl: './field-row.scss',
})
export class FieldRow {
  protected readonly store = inject(RecordStore);
  readonly field = input.required<Field>();
  readonly row = input.required<RecordRow>();

  protected readonly isEditing = signal(false);
  protected readonly isHistoryOpen = signal(false);
  protected readonly canEdit = computed(() => this.store.canEdit(this.field()));
  protected readonly isPicked = computed(() => picked.has(this.field().kind));
  protected readonly differs = computed(() => this.store.differs(this.field()));
  protected readonly canRestore = computed(
    () => this.differs() && this.store.mayRestoreValues() && this.field().edit !== false,
  );

  protected edit(event: Event): void {
    // A link inside the value is followed, not edited.
    if ((event.target as HTMLElement).closest('a')) return;
    if (this.canEdit()) this.isEditing.set(true);
  }
  protected save(value: unknown): void {
    if (this.field().kind !== 'tags') this.isEditing.set(false);
    void this.store.change(this.field(), value);
  }
}

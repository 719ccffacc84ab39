import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import {
  ApplicationRef,
  Component,
  computed,
  effect,
  inject,
  input,
  signal,
  untracked,
} from '@angular/core';
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
  private readonly app = inject(ApplicationRef);
  readonly field = input.required<Field>();
  readonly row = input.required<RecordRow>();

  /** The record as it was when editing began: others may change it meanwhile. */
  private readonly begun = signal<RecordRow | undefined>(undefined);
  protected readonly isEditing = computed(() => this.begun() !== undefined);
  /** Each tag is a change of its own, of the tags there are then. */
  protected readonly seen = computed(() =>
    this.field().kind === 'tags' ? this.row() : (this.begun() ?? this.row()),
  );
  protected readonly isHistoryOpen = signal(false);
  protected readonly canEdit = computed(() => this.store.canEdit(this.field()));
  protected readonly isPicked = computed(() => picked.has(this.field().kind));
  protected readonly differs = computed(() => this.store.differs(this.field()));
  protected readonly canRestore = computed(
    () => this.differs() && this.store.mayRestoreValues() && this.field().edit !== false,
  );

  constructor() {
    effect((done) => {
      if (this.isEditing()) done(untracked(() => this.store.beginEdit()));
    });
  }

  protected edit(event: Event): void {
    // A link inside the value is followed, not edited.
    if ((event.target as HTMLElement).closest('a')) return;
    if (!this.canEdit()) return;
    this.begun.set(this.row());
    // Drawn at once: what is typed next is meant for the editor.
    this.app.tick();
  }
  protected save(value: unknown): void {
    const seen = this.seen();
    if (this.field().kind !== 'tags') this.stop();
    void this.store.change(this.field(), value, seen);
  }
  protected stop(): void {
    this.begun.set(undefined);
  }
}

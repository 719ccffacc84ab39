import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, inject, input, output, signal } from '@angular/core';
import { Icon } from '../../../ui/icon';
import { Editor } from '../editor';
import { Names } from '../names';
import { referenceName, type Field, type RecordRow } from '../record-type';
import { Value } from '../value';

/** Two forms on a page may ask for the same field. */
let nextNumber = 0;
const picked = new Set(['choice', 'record', 'tags', 'flag']);

/** A field of a form: what is typed or picked goes into the row that will be sent. */
@Component({
  selector: 'cf-form-field',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, Editor, Icon, Value],
  templateUrl: './form-field.html',
  styleUrl: './form-field.scss',
})
export class FormField {
  private readonly names = inject(Names);
  readonly field = input.required<Field>();
  readonly row = input.required<RecordRow>();
  readonly autofocus = input(false);
  readonly problem = input<string>();
  /** The field and, for references, the record it names. */
  readonly changed = output<Readonly<Record<string, unknown>>>();

  private readonly number = nextNumber++;
  protected readonly id = computed(() => `form-${this.number}-${this.field().name}`);
  protected readonly isOpen = signal(false);
  protected readonly isPicked = computed(() => picked.has(this.field().kind));
  /** The row with the names of records that were only picked by id. */
  protected readonly shown = computed<RecordRow>(() => {
    const { kind, name, target } = this.field();
    const id = this.row()[name];
    if (kind !== 'record' || !target || typeof id !== 'string') return this.row();
    const label = this.names.of(target, id) ?? '…';
    return { ...this.row(), [referenceName(name)]: { id, label } };
  });

  protected set(value: unknown): void {
    if (this.field().kind !== 'tags') this.isOpen.set(false);
    this.changed.emit({ [this.field().name]: value });
  }
}

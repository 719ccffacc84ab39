import { CdkTrapFocus } from '@angular/cdk/a11y';
import { Component, computed, inject, input, output, type OnInit } from '@angular/core';
import type { RecordType as RecordName } from '../../../data/generated/graphql';
import { instantText } from '../../../ui/format';
import { Icon } from '../../../ui/icon';
import { When } from '../../../ui/when';
import { TimeTravel } from '../../frame/time';
import { ChangeValue } from '../../timeline/change-value';
import { TimelineStore, type Entry } from '../../timeline/timeline-store';
import { actorOf } from '../../timeline/words';
import type { Field, RecordRow, RecordType } from '../record-type';
import { RecordStore } from './record-store';

/** Every value a field had: who set it, when, from what to what. */
@Component({
  selector: 'cf-field-history',
  imports: [CdkTrapFocus, ChangeValue, Icon, When],
  providers: [TimelineStore],
  templateUrl: './field-history.html',
  styleUrl: './field-history.scss',
})
export class FieldHistory implements OnInit {
  private readonly store = inject(TimelineStore);
  private readonly travel = inject(TimeTravel);
  private readonly record = inject(RecordStore);
  readonly type = input.required<RecordType>();
  readonly field = input.required<Field>();
  readonly row = input.required<RecordRow>();
  readonly closed = output();

  protected readonly isLoading = this.store.isLoading;
  protected readonly error = this.store.error;
  protected readonly steps = computed(() =>
    this.store.entries().flatMap((entry) => {
      const change = entry.changes.find(({ field }) => field === this.field().name);
      return change ? [{ entry, change, actor: actorOf(entry), isFirst: isFirst(entry) }] : [];
    }),
  );

  ngOnInit(): void {
    const recordType = this.type().record as RecordName;
    void this.store.show({ recordType, recordId: this.row().id, field: this.field().name });
  }

  /** Whether the record of today has another value, and may have this one. */
  protected canRestore(value: unknown): boolean {
    return this.record.canRestore(this.field(), value);
  }
  protected restore(value: unknown): void {
    this.closed.emit();
    void this.record.restoreValue(this.field(), value);
  }

  protected look({ occurredAt }: Entry): void {
    this.closed.emit();
    this.travel.goTo(occurredAt);
  }
  protected exact({ occurredAt }: Entry): string {
    return instantText(occurredAt);
  }
}

function isFirst({ action }: Entry): boolean {
  return action === 'created';
}

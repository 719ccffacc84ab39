import { Component, effect, inject, input, untracked } from '@angular/core';
import type { RecordType as RecordName } from '../../../data/generated/graphql';
import { Time } from '../../frame/time';
import { TimelineList } from '../../timeline/timeline-list';
import { TimelineStore } from '../../timeline/timeline-store';
import type { RecordRow, RecordType } from '../record-type';
import { Records } from '../records';
import { Composer } from './composer';

/** What happened to a record and to what belongs to it. */
@Component({
  selector: 'cf-record-timeline',
  imports: [Composer, TimelineList],
  providers: [TimelineStore],
  template: `
    @if (type().hasWork && !time.isPast()) {
      <cf-composer [type]="type()" [row]="row()" />
    }
    <cf-timeline-list [about]="row().id" />
  `,
})
export class RecordTimeline {
  readonly type = input.required<RecordType>();
  readonly row = input.required<RecordRow>();
  protected readonly time = inject(Time);
  private readonly records = inject(Records);

  constructor() {
    const store = inject(TimelineStore);
    effect(() => {
      const { id, revision: _changes } = this.row();
      const recordType = this.type().record as RecordName;
      this.time.asOf();
      this.records.changed();
      untracked(() => void store.show({ recordType, recordId: id, includeRelated: true }));
    });
  }
}

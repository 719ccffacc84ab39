import { Component, effect, inject, input, untracked } from '@angular/core';
import type { RecordType as RecordName } from '../../../data/generated/graphql';
import { Time } from '../../frame/time';
import { TimelineList } from '../../timeline/timeline-list';
import { TimelineStore } from '../../timeline/timeline-store';
import type { RecordRow, RecordType } from '../record-type';
import { NoteComposer } from './note-composer';

/** What happened to a record and to what belongs to it. */
@Component({
  selector: 'cf-record-timeline',
  imports: [NoteComposer, TimelineList],
  providers: [TimelineStore],
  template: `
    @if (type().hasWork && !time.isPast()) {
      <cf-note-composer [type]="type()" [row]="row()" />
    }
    <cf-timeline-list [about]="row().id" />
  `,
})
export class RecordTimeline {
  readonly type = input.required<RecordType>();
  readonly row = input.required<RecordRow>();
  protected readonly time = inject(Time);

  constructor() {
    const store = inject(TimelineStore);
    effect(() => {
      const { id, revision: _changes } = this.row();
      const recordType = this.type().record as RecordName;
      this.time.asOf();
      untracked(() => void store.show({ recordType, recordId: id, includeRelated: true }));
    });
  }
}

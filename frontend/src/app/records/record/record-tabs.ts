import { Component, computed, inject, input } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, RouterLink } from '@angular/router';
import { Icon } from '../../../ui/icon';
import type { IconName } from '../../../ui/icons';
import type { RecordRow, RecordType, Related } from '../record-type';
import { typeOf } from '../registry';
import { Activities } from './activities';
import { LineItems } from './line-items';
import { Members } from './members';
import { Notes } from './notes';
import { RecordTimeline } from './record-timeline';
import { RelatedList } from './related-list';

interface Tab {
  readonly key: string;
  readonly title: string;
  readonly icon: IconName;
  readonly related?: Related;
}

const work: Related = {
  collection: 'tasks',
  title: 'Tasks',
  by: 'relatedToId',
  columns: ['title', 'status', 'dueDate', 'assignedToId'],
};

/** Everything around a record; the open tab is in the address. */
@Component({
  selector: 'cf-record-tabs',
  imports: [Activities, Icon, LineItems, Members, Notes, RecordTimeline, RelatedList, RouterLink],
  templateUrl: './record-tabs.html',
  styleUrl: './record-tabs.scss',
})
export class RecordTabs {
  readonly type = input.required<RecordType>();
  readonly row = input.required<RecordRow>();
  private readonly route = inject(ActivatedRoute);
  private readonly params = toSignal(this.route.queryParamMap);

  protected readonly tabs = computed<readonly Tab[]>(() => {
    const { related, hasWork, collection } = this.type();
    return [
      { key: 'timeline', title: 'Timeline', icon: 'history' },
      ...(collection === 'deals'
        ? [{ key: 'line-items', title: 'Line items', icon: 'product' as const }]
        : []),
      ...(hasWork ? [{ key: 'notes', title: 'Notes', icon: 'note' as const }] : []),
      ...(hasWork ? [{ key: 'activities', title: 'Activities', icon: 'phone' as const }] : []),
      ...(hasWork ? [{ key: 'tasks', title: 'Tasks', icon: 'task' as const, related: work }] : []),
      ...(collection === 'teams'
        ? [{ key: 'members', title: 'Members', icon: 'team' as const }]
        : []),
      ...related.map((one) => ({
        key: one.title.toLowerCase(),
        title: one.title,
        icon: typeOf(one.collection).icon,
        related: one,
      })),
    ];
  });
  protected readonly open = computed(() => {
    const key = this.params()?.get('tab');
    return this.tabs().find((tab) => tab.key === key) ?? this.tabs()[0]!;
  });
}

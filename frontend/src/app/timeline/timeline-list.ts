import {
  Component,
  ElementRef,
  afterNextRender,
  computed,
  DestroyRef,
  inject,
  input,
  viewChild,
} from '@angular/core';
import { dayOf, dayText } from '../../ui/format';
import { Failure } from '../../ui/failure';
import { TimelineEntryView } from './timeline-entry';
import { TimelineStore, type Entry } from './timeline-store';

interface Day {
  readonly day: string;
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** Entries by day; reads on when its end comes into sight. */
@Component({
  selector: 'cf-timeline-list',
  imports: [Failure, TimelineEntryView],
  templateUrl: './timeline-list.html',
  styleUrl: './timeline-list.scss',
})
export class TimelineList {
  protected readonly store = inject(TimelineStore);
  readonly about = input<string>();
  readonly isDetailed = input(false);
  readonly empty = input('Nothing has happened yet.');
  private readonly end = viewChild.required<ElementRef<HTMLElement>>('end');

  protected readonly days = computed<readonly Day[]>(() => {
    const groups = Map.groupBy(this.store.entries(), ({ occurredAt }) => dayOf(occurredAt));
    return [...groups].map(([day, entries]) => ({ day, title: titleOf(day), entries }));
  });

  constructor() {
    const destroy = inject(DestroyRef);
    afterNextRender(() => {
      const sight = new IntersectionObserver(([one]) => {
        if (one?.isIntersecting) void this.store.more();
      });
      sight.observe(this.end().nativeElement);
      destroy.onDestroy(() => sight.disconnect());
    });
  }
}

function titleOf(day: string): string {
  const now = Date.now();
  if (day === dayOf(new Date(now))) return 'Today';
  return day === dayOf(new Date(now - 86_400_000)) ? 'Yesterday' : dayText(day);
}

import { DestroyRef, Injectable, computed, inject, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import {
  TimelineDocument,
  type EntryFragment,
  type TimelineFilter,
} from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { Time } from '../frame/time';
import { Records } from '../records/records';

export type Entry = EntryFragment;
export type Change = Entry['changes'][number];

const PAGE = 50;

/** What happened, the latest first, page by page. */
@Injectable()
export class TimelineStore {
  private readonly graphql = inject(Graphql);
  private readonly records = inject(Records);
  private readonly time = inject(Time);
  private readonly read = signal<readonly Entry[]>([]);
  private readonly next = signal<string | null>(null);
  private readonly reading = signal(true);
  private readonly failure = signal<ApiError | undefined>(undefined);
  private filter: TimelineFilter = {};
  private abort = new AbortController();

  readonly entries = this.read.asReadonly();
  readonly isLoading = this.reading.asReadonly();
  readonly error = this.failure.asReadonly();
  readonly hasMore = computed(() => this.next() !== null);

  constructor() {
    inject(DestroyRef).onDestroy(() => this.abort.abort());
  }

  /** Starts anew with this filter. */
  show(filter: TimelineFilter): Promise<void> {
    this.filter = filter;
    this.abort.abort();
    this.abort = new AbortController();
    this.failure.set(undefined);
    this.reading.set(true);
    return this.page(null, this.abort.signal);
  }
  reload(): Promise<void> {
    return this.show(this.filter);
  }
  async more(): Promise<void> {
    const after = this.next();
    if (after === null || this.reading()) return;
    this.reading.set(true);
    await this.page(after, this.abort.signal);
  }

  private async page(after: string | null, signal: AbortSignal): Promise<void> {
    const times = { asOf: this.time.asOf(), atLeast: this.records.atLeast };
    const variables = { first: PAGE, after, filter: this.filter, ...times };
    try {
      const { timeline } = await this.graphql.run(TimelineDocument, variables, signal);
      if (signal.aborted) return;
      this.read.update((before) =>
        after === null ? timeline.nodes : [...before, ...timeline.nodes],
      );
      this.next.set(timeline.pageInfo.hasNextPage ? timeline.pageInfo.endCursor : null);
    } catch (error) {
      if (signal.aborted) return;
      this.failure.set(apiError(error));
    }
    this.reading.set(false);
  }
}

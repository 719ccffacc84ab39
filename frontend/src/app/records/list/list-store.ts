import {
  DestroyRef,
  Injectable,
  Injector,
  computed,
  effect,
  inject,
  signal,
  untracked,
  type Signal,
} from '@angular/core';
import { Router } from '@angular/router';
import { apiError, type ApiError } from '../../../data/api';
import { Time } from '../../frame/time';
import type { RecordRow, RecordType } from '../record-type';
import { Records } from '../records';
import { filterInput, sortInput, writeState, type ListState } from './list-state';

const PAGE = 100;

/** The rows of a list, page by page, and what the person picked among them. */
@Injectable()
export class ListStore {
  private readonly records = inject(Records);
  private readonly time = inject(Time);
  private readonly router = inject(Router);
  private readonly injector = inject(Injector);

  type!: RecordType;
  state!: Signal<ListState>;

  private readonly pages = signal<readonly RecordRow[]>([]);
  private readonly next = signal<string | null>(null);
  private readonly counted = signal({ total: 0, isCapped: false });
  private readonly reading = signal(true);
  private readonly failure = signal<ApiError | undefined>(undefined);
  private readonly picked = signal<ReadonlySet<string>>(new Set());
  private abort = new AbortController();

  readonly rows = this.pages.asReadonly();
  readonly total = this.counted.asReadonly();
  readonly isLoading = this.reading.asReadonly();
  readonly error = this.failure.asReadonly();
  readonly selected = this.picked.asReadonly();
  readonly hasMore = computed(() => this.next() !== null);
  readonly active = signal(0);
  readonly isEmpty = computed(
    () => !this.reading() && !this.failure() && this.pages().length === 0,
  );
  readonly isFiltered = computed(() => {
    const { search, filters, life } = this.state();
    return search !== '' || filters.length > 0 || life !== 'current';
  });

  constructor() {
    inject(DestroyRef).onDestroy(() => this.abort.abort());
  }

  /** Starts to follow a state; reads again when the address, the instant or a record changes. */
  follow(type: RecordType, state: Signal<ListState>): void {
    this.type = type;
    this.state = state;
    const asked = computed(() => {
      const round = this.records.refreshed();
      return JSON.stringify({ ...state(), peek: null, at: this.time.asOf(), round });
    });
    effect(
      () => {
        asked();
        untracked(() => void this.reload());
      },
      { injector: this.injector },
    );
  }

  /** Changes the state by changing the address. */
  go(change: Partial<ListState>, replace = false): void {
    const queryParams = writeState(this.type, { ...this.state(), ...change });
    void this.router.navigate([], { queryParams, replaceUrl: replace });
  }

  async reload(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    this.reading.set(true);
    this.failure.set(undefined);
    this.picked.set(new Set());
    await this.read(null, this.abort.signal);
    this.active.update((index) => Math.min(index, Math.max(this.pages().length - 1, 0)));
  }

  /** Reads the next page when there is one and none is on its way. */
  async more(): Promise<void> {
    const after = this.next();
    if (after === null || this.reading()) return;
    this.reading.set(true);
    await this.read(after, this.abort.signal);
  }

  patch(row: RecordRow): void {
    this.pages.update((rows) => rows.map((one) => (one.id === row.id ? { ...one, ...row } : one)));
  }
  remove(ids: ReadonlySet<string>): void {
    const before = this.pages().length;
    this.pages.update((rows) => rows.filter(({ id }) => !ids.has(id)));
    const gone = before - this.pages().length;
    this.counted.update(({ total, isCapped }) => ({ total: total - gone, isCapped }));
  }

  toggle(id: string): void {
    this.picked.update((ids) => {
      const next = new Set(ids);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }
  /** Everything that was read, or nothing. */
  toggleAll(): void {
    const isAll = this.picked().size >= this.pages().length;
    this.picked.set(new Set(isAll ? [] : this.pages().map(({ id }) => id)));
  }
  select(ids: Iterable<string>): void {
    this.picked.set(new Set(ids));
  }
  move(by: number): void {
    const last = this.pages().length - 1;
    this.active.update((index) => Math.max(0, Math.min(last, index + by)));
    if (this.active() > last - 20) void this.more();
  }
  activeRow(): RecordRow | undefined {
    return this.pages()[this.active()];
  }

  private async read(after: string | null, signal: AbortSignal): Promise<void> {
    const { search, sort, filters, columns, life } = this.state();
    const variables = {
      first: PAGE,
      after,
      filter: filterInput(this.type, filters),
      sort: sortInput(sort),
      ...(this.type.isSearchable && search ? { search } : {}),
      archived: life === 'archived' ? 'only' : life === 'deleted' ? 'include' : 'exclude',
      deleted: life === 'deleted' ? 'only' : 'exclude',
    };
    try {
      const page = await this.records.page(this.type, columns, variables, signal);
      if (signal.aborted) return;
      this.pages.update((rows) => (after === null ? page.rows : [...rows, ...page.rows]));
      this.next.set(page.next);
      this.counted.set({ total: page.total, isCapped: page.isCapped });
    } catch (error) {
      if (signal.aborted) return;
      this.failure.set(apiError(error));
    }
    this.reading.set(false);
  }
}

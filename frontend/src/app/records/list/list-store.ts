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
import { Again } from '../../../data/again';
import { apiError, type ApiError } from '../../../data/api';
import { Live, type Change } from '../../../data/live';
import { Time } from '../../frame/time';
import type { RecordRow, RecordType } from '../record-type';
import { Records, type Page } from '../records';
import { filterInput, sortInput, writeState, type ListState } from './list-state';

const PAGE = 100;
/** Rows up to which a list is read again as a whole; of longer ones only those that changed. */
const WHOLE = 500;

/** The rows of a list, page by page, and what the person picked among them. */
@Injectable()
export class ListStore {
  private readonly records = inject(Records);
  private readonly time = inject(Time);
  private readonly router = inject(Router);
  private readonly injector = inject(Injector);
  private readonly live = inject(Live);

  type!: RecordType;
  state!: Signal<ListState>;

  private readonly pages = signal<readonly RecordRow[]>([]);
  private readonly next = signal<string | null>(null);
  private readonly counted = signal({ total: 0, isCapped: false });
  private readonly reading = signal(true);
  private readonly failure = signal<ApiError | undefined>(undefined);
  private readonly picked = signal<ReadonlySet<string>>(new Set());
  private abort = new AbortController();
  private readonly again = new Again(() => this.catchUp());
  private readonly touched = new Set<string>();
  /** Position of the last change of somebody else. */
  private position: string | undefined;

  readonly rows = this.pages.asReadonly();
  readonly total = this.counted.asReadonly();
  readonly isLoading = this.reading.asReadonly();
  readonly error = this.failure.asReadonly();
  readonly selected = this.picked.asReadonly();
  readonly hasMore = computed(() => this.next() !== null);
  readonly active = signal(0);
  /** Counts moves by keys, after which the active row has to be in sight. */
  readonly moves = signal(0);
  /** The rows as they were before those others changed took their place. */
  readonly replaced = signal<readonly RecordRow[]>([]);
  readonly isEmpty = computed(
    () => !this.reading() && !this.failure() && this.pages().length === 0,
  );
  readonly isFiltered = computed(() => {
    const { search, filters, life } = this.state();
    return search !== '' || filters.length > 0 || life !== 'current';
  });

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      this.abort.abort();
      this.again.stop();
    });
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
    effect((done) => done(untracked(() => this.listen())), { injector: this.injector });
  }

  /** Hears what others change in records of this type. */
  private listen(): () => void {
    return this.live.watch({
      what: { to: 'type', type: this.type.record },
      changed: (changes) => this.noticed(changes),
      missed: () => this.again.ask(),
    });
  }
  private noticed(changes: readonly Change[]): void {
    const known = new Map(this.pages().map(({ id, revision }) => [id, revision]));
    const news = changes.filter(({ id, version }) => version > (known.get(id) ?? 0));
    if (news.length === 0) return;
    for (const { id } of news) this.touched.add(id);
    this.position = news.at(-1)!.position;
    this.again.ask();
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
    const patched = (one: RecordRow) => (one.id === row.id ? newer({ ...one, ...row }, one) : one);
    this.pages.update((rows) => rows.map(patched));
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
    this.moves.update((count) => count + 1);
    const last = this.pages().length - 1;
    this.active.update((index) => Math.max(0, Math.min(last, index + by)));
    if (this.active() > last - 20) void this.more();
  }
  activeRow(): RecordRow | undefined {
    return this.pages()[this.active()];
  }

  /** Takes over what others changed; nobody loses their place or what they picked. */
  private async catchUp(): Promise<void> {
    if (this.time.isPast()) return;
    if (this.reading()) return this.again.ask();
    const { signal } = this.abort;
    const before = this.pages();
    const ids = [...this.touched];
    this.touched.clear();
    try {
      if (before.length > WHOLE) await this.readChanged(ids, signal);
      else await this.readWhole(before.length, signal);
    } catch {
      // What is shown stays; the next change, or the connection when it is back, asks again.
      return;
    }
    if (signal.aborted) return;
    const there = new Set(this.pages().map(({ id }) => id));
    this.picked.update((picked) => new Set([...picked].filter((id) => there.has(id))));
    const active = before[this.active()]?.id;
    const at = this.pages().findIndex(({ id }) => id === active);
    const last = Math.max(this.pages().length - 1, 0);
    this.active.update((index) => (at < 0 ? Math.min(index, last) : at));
    this.replaced.set(before);
  }
  private async readWhole(depth: number, signal: AbortSignal): Promise<void> {
    const rows = new Map<string, RecordRow>();
    let after: string | null = null;
    let page: Page;
    do {
      page = await this.page(after, signal, this.sinceThen());
      for (const row of page.rows) rows.set(row.id, row);
      after = page.next;
    } while (after !== null && rows.size < depth);
    if (signal.aborted) return;
    // An own change made while this was read may be newer.
    const known = new Map(this.pages().map((row) => [row.id, row]));
    this.pages.set([...rows.values()].map((row) => newer(row, known.get(row.id))));
    this.show(page);
  }
  /** Rows that no longer fit are not found among these. */
  private async readChanged(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const shown = new Set(this.pages().map(({ id }) => id));
    const changed = new Set(ids.filter((id) => shown.has(id)).slice(0, PAGE));
    if (changed.size === 0) return;
    const filter = { ...filterInput(this.type, this.state().filters), id: { in: [...changed] } };
    const { rows } = await this.page(null, signal, { filter, ...this.sinceThen() });
    if (signal.aborted) return;
    for (const row of rows) this.patch(row);
    const found = new Set(rows.map(({ id }) => id));
    this.remove(new Set([...changed].filter((id) => !found.has(id))));
  }

  private sinceThen(): { readonly atLeast: string | null } {
    return { atLeast: this.records.andAtLeast(this.position) };
  }

  private async read(after: string | null, signal: AbortSignal): Promise<void> {
    try {
      const page = await this.page(after, signal);
      if (signal.aborted) return;
      this.pages.update((rows) => (after === null ? page.rows : [...rows, ...page.rows]));
      this.show(page);
    } catch (error) {
      if (signal.aborted) return;
      this.failure.set(apiError(error));
    }
    this.reading.set(false);
  }
  private show({ next, total, isCapped }: Page): void {
    this.next.set(next);
    this.counted.set({ total, isCapped });
  }
  private page(after: string | null, signal: AbortSignal, other: object = {}): Promise<Page> {
    const { search, sort, filters, columns, life } = this.state();
    const variables = {
      first: PAGE,
      after,
      filter: filterInput(this.type, filters),
      sort: sortInput(sort),
      ...(this.type.isSearchable && search ? { search } : {}),
      archived: life === 'archived' ? 'only' : life === 'deleted' ? 'include' : 'exclude',
      deleted: life === 'deleted' ? 'only' : 'exclude',
      ...other,
    };
    return this.records.page(this.type, columns, variables, signal);
  }
}

function newer(row: RecordRow, known: RecordRow | undefined): RecordRow {
  return known && known.revision > row.revision ? known : row;
}

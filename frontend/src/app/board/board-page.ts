import {
  CdkDrag,
  CdkDropList,
  CdkDropListGroup,
  CdkDragPlaceholder,
  type CdkDragDrop,
} from '@angular/cdk/drag-drop';
import { Component, ElementRef, computed, effect, inject, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { MatDialog } from '@angular/material/dialog';
import { MatMenuModule } from '@angular/material/menu';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';
import { dayOf, moneyText, numberText, shortMoney } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { InSight } from '../../ui/in-sight';
import { Failure } from '../../ui/failure';
import { State } from '../../ui/state';
import { provideKeys } from '../frame/commands';
import { Compare } from '../frame/compare';
import { Time } from '../frame/time';
import { Pipelines } from '../pipelines/pipelines';
import { createRecord } from '../records/record/create-record';
import { typeOf } from '../records/registry';
import { Session } from '../session/session';
import { BoardCompare } from './board-compare';
import { BoardStore, type BoardState, type Card, type Column } from './board-store';
import { DealCard } from './deal-card';
import { NextTasks } from './next-tasks';

/** The deals of a pipeline as cards in the columns of its stages. */
@Component({
  selector: 'cf-board-page',
  imports: [
    BoardCompare,
    CdkDrag,
    CdkDragPlaceholder,
    CdkDropList,
    CdkDropListGroup,
    DealCard,
    Icon,
    InSight,
    MatMenuModule,
    RouterLink,
    Failure,
    State,
  ],
  providers: [BoardStore, NextTasks],
  templateUrl: './board-page.html',
  styleUrl: './board-page.scss',
})
export class BoardPage {
  protected readonly store = inject(BoardStore);
  protected readonly tasks = inject(NextTasks);
  protected readonly pipelines = inject(Pipelines);
  protected readonly time = inject(Time);
  protected readonly compare = inject(Compare);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly dialog = inject(MatDialog);
  private readonly route = inject(ActivatedRoute);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly params = toSignal(this.route.queryParamMap, {
    initialValue: this.route.snapshot.queryParamMap,
  });
  protected readonly state = computed<BoardState>(
    () => ({
      pipelineId: this.params().get('pipeline') ?? localStorage.getItem(this.key()),
      ownerId: this.params().get('owner'),
      search: this.params().get('search') ?? '',
    }),
    { equal: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
  );
  protected readonly me = computed(() => this.session.identity()?.user.id);
  protected readonly isMine = computed(() => this.state().ownerId === this.me());
  /** Closed stages are folded until somebody wants to see them. */
  private readonly unfolded = signal<ReadonlySet<string>>(new Set());
  /** The card picked up by keys, and the column it would go to. */
  protected readonly held = signal<{ card: Card; from: Column; to: number } | undefined>(undefined);
  protected readonly isDragging = signal(false);
  protected readonly said = signal('');
  protected readonly mayCreate = computed(
    () => !this.time.isPast() && this.session.may('deals:create'),
  );
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.store.follow(this.state);
    effect(() => this.store.hold(this.held() !== undefined || this.isDragging()));
    const step = (columns: number, rows: number) => () => this.focusBy(columns, rows);
    const keys = { group: 'This page', silent: true } as const;
    provideKeys([
      { ...keys, title: 'Card to the right', keys: 'arrowright', run: step(1, 0) },
      { ...keys, title: 'Card to the left', keys: 'arrowleft', run: step(-1, 0) },
      { ...keys, title: 'Card below', keys: 'arrowdown', run: step(0, 1) },
      { ...keys, title: 'Card below', keys: 'j', run: step(0, 1) },
      { ...keys, title: 'Card above', keys: 'arrowup', run: step(0, -1) },
      { ...keys, title: 'Card above', keys: 'k', run: step(0, -1) },
      {
        title: 'Search the board',
        keys: '/',
        icon: 'search',
        group: 'This page',
        run: () => this.host.nativeElement.querySelector<HTMLElement>('#board-search')?.focus(),
      },
    ]);
  }

  protected readonly number = numberText;

  protected canMove(card: Card): boolean {
    return !this.time.isPast() && this.session.mayChange('deals', card.ownerId);
  }
  protected isFolded({ stage }: Column): boolean {
    return stage.kind !== 'open' && !this.unfolded().has(stage.stageId);
  }
  protected fold({ stage }: Column, isFolded: boolean): void {
    this.unfolded.update((ids) => {
      const next = new Set(ids);
      if (isFolded) next.delete(stage.stageId);
      else next.add(stage.stageId);
      return next;
    });
  }
  protected sumOf({ totals }: Column): string {
    return totals.map(({ amount }) => shortMoney(amount)).join(' + ');
  }
  protected sumsInWords({ totals }: Column): string {
    const words = totals.map(
      ({ amount, weightedAmount }) => `${moneyText(amount)}, weighted ${moneyText(weightedAmount)}`,
    );
    return words.join('; ') || 'no amounts';
  }
  protected weightedOf({ totals }: Column): string {
    return totals.map(({ weightedAmount }) => shortMoney(weightedAmount)).join(' + ');
  }

  protected drop(event: CdkDragDrop<Column, Column, Card>): void {
    void this.store.move(event.item.data, event.previousContainer.data, event.container.data);
  }

  /** Picks a card up with Space, moves it with the arrows, drops it with Space or Enter. */
  protected press(event: KeyboardEvent, card: Card, from: Column): void {
    const columns = this.store.columns() ?? [];
    const held = this.held();
    if (!held && event.key === ' ' && this.canMove(card)) {
      const to = columns.indexOf(from);
      this.held.set({ card, from, to });
      this.said.set(
        `${card.label} picked up in ${from.stage.name}. Left and right choose a stage, Space drops.`,
      );
    } else if (held && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      const by = event.key === 'ArrowRight' ? 1 : -1;
      const to = Math.max(0, Math.min(columns.length - 1, held.to + by));
      this.held.set({ ...held, to });
      this.said.set(`Over ${columns[to]!.stage.name}.`);
    } else if (held && (event.key === ' ' || event.key === 'Enter')) {
      this.held.set(undefined);
      this.said.set(`${card.label} dropped in ${columns[held.to]!.stage.name}.`);
      void this.store.move(card, held.from, columns[held.to]!).then(() => this.focus(card.id));
    } else if (held && event.key === 'Escape') {
      this.held.set(undefined);
      this.said.set(`${card.label} stays in ${held.from.stage.name}.`);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  protected go(change: {
    pipeline?: string | null;
    owner?: string | null;
    search?: string | null;
  }) {
    void this.router.navigate([], { queryParams: change, queryParamsHandling: 'merge' });
  }
  protected choose(pipeline: string): void {
    localStorage.setItem(this.key(), pipeline);
    this.go({ pipeline });
  }
  /** Starts a month before what is shown; the bar above the comparison takes any other day. */
  protected toggleCompare(): void {
    const before = new Date(this.time.now().getTime() - 30 * 86_400_000);
    this.compare.start(this.compare.with() ? null : dayOf(before));
  }
  protected search(text: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.go({ search: text.trim() || null }), 150);
  }
  protected create(stageId?: string): void {
    const pipelineId = this.store.pipeline()?.id;
    const preset = { ...(pipelineId ? { pipelineId } : {}), ...(stageId ? { stageId } : {}) };
    void createRecord(this.dialog, typeOf('deals'), preset);
  }

  /** Where the pipeline looked at last is kept, for addresses that name none. */
  private key(): string {
    return `cf.pipeline.${this.session.identity()?.workspace.slug}`;
  }

  private focus(id: string): void {
    this.host.nativeElement.querySelector<HTMLElement>(`[data-card="${id}"] a`)?.focus();
  }
  /** From the focused card to the one beside or below it. */
  private focusBy(columns: number, rows: number): void {
    const all = [...this.host.nativeElement.querySelectorAll('.column')].map((column) => [
      ...column.querySelectorAll<HTMLElement>('[data-card] a'),
    ]);
    const filled = all.filter((cards) => cards.length > 0);
    const at = filled.findIndex((cards) => cards.includes(document.activeElement as HTMLElement));
    if (at < 0) return filled[0]?.[0]?.focus();
    const row = filled[at]!.indexOf(document.activeElement as HTMLElement);
    const target = filled[at + columns] ?? filled[at]!;
    target[Math.max(0, Math.min(target.length - 1, row + rows))]?.focus();
  }
}

import {
  DestroyRef,
  Injectable,
  computed,
  effect,
  inject,
  signal,
  untracked,
  type Signal,
} from '@angular/core';
import { Again } from '../../data/again';
import { apiError, type ApiError } from '../../data/api';
import {
  BoardDocument,
  BoardMoreDocument,
  type BoardQuery,
  type BoardQueryVariables,
  type CardFragment,
} from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { Live, type Change } from '../../data/live';
import { Time } from '../frame/time';
import { Records } from '../records/records';
import { DealMoves } from './deal-moves';
import { NextTasks } from './next-tasks';

export type Card = CardFragment;
type Board = NonNullable<BoardQuery['dealPipeline']>;
export type Sum = Board['stages'][number]['totals'][number];

/** A stage with its deals, as far as they were read. */
export interface Column {
  readonly stage: Board['stages'][number]['stage'];
  readonly count: number;
  readonly totals: readonly Sum[];
  readonly cards: readonly Card[];
  readonly next: string | null;
}
export interface BoardState {
  readonly pipelineId: string | null;
  readonly ownerId: string | null;
  readonly search: string;
}

/** Cards read at once when a column is scrolled; the first of each column come with the board. */
const PAGE = 100;

/** The deals of a pipeline by stage. */
@Injectable()
export class BoardStore {
  private readonly graphql = inject(Graphql);
  private readonly records = inject(Records);
  private readonly moves = inject(DealMoves);
  private readonly time = inject(Time);
  private readonly tasks = inject(NextTasks);
  private readonly live = inject(Live);
  private readonly loading = new Set<string>();
  private readonly read = signal<readonly Column[] | undefined>(undefined);
  private readonly shownPipeline = signal<Board['pipeline'] | undefined>(undefined);
  private readonly missing = signal(false);
  private readonly failure = signal<ApiError | undefined>(undefined);
  private abort = new AbortController();
  private state!: Signal<BoardState>;
  private isMoving = false;
  private isHeld = false;
  /** Position of the last change of somebody else. */
  private position: string | undefined;
  private readonly again = new Again(() => this.readQuietly());

  readonly columns = this.read.asReadonly();
  readonly pipeline = this.shownPipeline.asReadonly();
  readonly hasNone = this.missing.asReadonly();
  readonly error = this.failure.asReadonly();
  readonly isEmpty = computed(() => this.columns()?.every(({ count }) => count === 0) ?? false);

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      this.abort.abort();
      this.again.stop();
    });
  }

  follow(state: Signal<BoardState>): void {
    this.state = state;
    effect(() => {
      const open = this.columns()?.filter(({ stage }) => stage.kind === 'open') ?? [];
      this.records.changed();
      const ids = open.flatMap(({ cards }) => cards.map(({ id }) => id));
      untracked(() => void this.tasks.want(ids));
    });
    const shown = computed(() => this.pipeline()?.id);
    effect((done) => {
      const id = shown();
      if (!id) return;
      const changed = (changes: readonly Change[]) => this.noticed(changes);
      const missed = () => this.again.ask();
      done(untracked(() => this.live.watch({ what: { to: 'board', id }, changed, missed })));
    });
    effect(() => {
      state();
      this.time.asOf();
      this.records.changed();
      this.records.refreshed();
      untracked(() => {
        if (!this.isMoving) void this.reload();
      });
    });
  }

  /** Keeps everything where it is while a card is in somebody's hand. */
  hold(isHeld: boolean): void {
    if (this.isHeld && !isHeld) this.again.ask();
    this.isHeld = isHeld;
  }

  private noticed(changes: readonly Change[]): void {
    const cards = this.columns()?.flatMap((column) => column.cards) ?? [];
    const known = new Map(cards.map(({ id, revision }) => [id, revision]));
    const news = changes.filter(({ id, version }) => version > (known.get(id) ?? 0));
    if (news.length === 0) return;
    this.position = news.at(-1)!.position;
    this.again.ask();
  }
  private async readQuietly(): Promise<void> {
    if (!this.isMoving && !this.isHeld && !this.time.isPast()) await this.reload(true);
  }

  async reload(isQuiet = false): Promise<void> {
    this.abort.abort();
    const { signal } = (this.abort = new AbortController());
    if (!isQuiet) this.failure.set(undefined);
    const { pipelineId } = this.state();
    const variables = { ...this.variables(), pipelineId };
    if (isQuiet) variables.atLeast = this.records.andAtLeast(this.position);
    try {
      const ask = (given: BoardQueryVariables) =>
        this.graphql.run(BoardDocument, given, signal).then((answer) => answer.dealPipeline);
      // A pipeline that was not there then, or is not here, gives way to the usual one.
      const dealPipeline =
        (await ask(variables)) ??
        (pipelineId ? await ask({ ...variables, pipelineId: null }) : null);
      if (signal.aborted) return;
      const isSame = dealPipeline?.pipeline.id === this.pipeline()?.id;
      const before = isSame ? this.read() : undefined;
      this.missing.set(dealPipeline === null);
      this.shownPipeline.set(dealPipeline?.pipeline);
      const columns = dealPipeline?.stages.map(columnOf) ?? [];
      const deep = columns.map((column) => this.asDeepAs(before, column, signal));
      const whole = await Promise.all(deep);
      if (!signal.aborted) this.read.set(dealPipeline ? whole : undefined);
    } catch (error) {
      if (!signal.aborted && !isQuiet) this.failure.set(apiError(error));
    }
  }

  async more(column: Column): Promise<void> {
    const { stageId } = column.stage;
    if (!column.next || this.loading.has(stageId)) return;
    this.loading.add(stageId);
    const { signal } = this.abort;
    try {
      const { cards, next } = await this.page(column, signal);
      if (signal.aborted) return;
      this.update(stageId, (one) => ({ ...one, cards: [...one.cards, ...cards], next }));
    } catch (error) {
      if (!signal.aborted) this.failure.set(apiError(error));
    } finally {
      this.loading.delete(stageId);
    }
  }

  /** The next cards of a column. */
  private async page(
    { stage: { stageId }, next }: Column,
    signal: AbortSignal,
  ): Promise<Pick<Column, 'cards' | 'next'>> {
    const { filter, ...others } = this.variables();
    const only = { stageId: { eq: stageId }, pipelineId: { eq: this.pipeline()!.id } };
    const variables = { ...others, filter: { ...filter, ...only }, after: next, first: PAGE };
    const { deals } = await this.graphql.run(BoardMoreDocument, variables, signal);
    const { hasNextPage, endCursor } = deals.pageInfo;
    return { cards: deals.nodes, next: hasNextPage ? endCursor : null };
  }

  /** Reads a column on until it is as long as it was, so that nobody loses their place. */
  private async asDeepAs(
    before: readonly Column[] | undefined,
    column: Column,
    signal: AbortSignal,
  ): Promise<Column> {
    const was = before?.find(({ stage }) => stage.stageId === column.stage.stageId);
    let whole = column;
    while (was && whole.next && whole.cards.length < was.cards.length - 1) {
      const { cards, next } = await this.page(whole, signal);
      whole = { ...whole, cards: [...whole.cards, ...cards], next };
    }
    return whole;
  }

  /** Puts the card there at once; what the server says then decides. */
  async move(card: Card, from: Column, to: Column): Promise<void> {
    if (from.stage.stageId === to.stage.stageId) return;
    this.isMoving = true;
    // What is being read would put the card back where it was.
    this.abort.abort();
    this.abort = new AbortController();
    const before = this.read();
    this.update(from.stage.stageId, (column) => ({
      ...column,
      count: column.count - 1,
      cards: column.cards.filter(({ id }) => id !== card.id),
    }));
    this.update(to.stage.stageId, (column) => ({
      ...column,
      count: column.count + 1,
      cards: [{ ...card, stageId: to.stage.stageId }, ...column.cards],
    }));
    const result = await this.moves.move(card, to.stage);
    this.isMoving = false;
    if (result?.done) return this.reload();
    this.read.set(before);
    this.again.ask();
  }

  private variables(): Pick<BoardQueryVariables, 'filter' | 'search' | 'asOf' | 'atLeast'> {
    const { ownerId, search } = this.state();
    return {
      filter: ownerId ? { ownerId: { eq: ownerId } } : {},
      ...(search ? { search } : {}),
      asOf: this.time.asOf(),
      atLeast: this.records.atLeast,
    };
  }

  private update(stageId: string, change: (column: Column) => Column): void {
    this.read.update((columns) =>
      columns?.map((one) => (one.stage.stageId === stageId ? change(one) : one)),
    );
  }
}

function columnOf({ deals, ...stage }: Board['stages'][number]): Column {
  const { hasNextPage, endCursor } = deals.pageInfo;
  return { ...stage, cards: deals.nodes, next: hasNextPage ? endCursor : null };
}

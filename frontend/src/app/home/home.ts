import { Component, DestroyRef, computed, effect, inject, signal, untracked } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Again } from '../../data/again';
import { apiError, type ApiError } from '../../data/api';
import {
  MineDocument,
  MySumsDocument,
  type MineQuery,
  type MySumsQuery,
} from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { Live, type Change } from '../../data/live';
import { dayOf, moneyText, numberText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { State } from '../../ui/state';
import { Time } from '../frame/time';
import { Actions } from '../records/actions';
import { fieldOf, type RecordRow } from '../records/record-type';
import { Pipelines } from '../pipelines/pipelines';
import { Records } from '../records/records';
import { typeOf } from '../records/registry';
import { Value } from '../records/value';
import { Session } from '../session/session';
import { TimelineEntryView } from '../timeline/timeline-entry';

type Deal = MineQuery['deals']['nodes'][number];
type Task = MineQuery['tasks']['nodes'][number];
type Board = NonNullable<MySumsQuery['dealPipeline']>;

/** How soon sums and counts follow what others change, once for all of it. */
const PAUSE_MS = 2_000;

/** Where a day begins: my open deals, what is due, what others changed. */
@Component({
  selector: 'cf-home',
  imports: [Icon, RouterLink, State, TimelineEntryView, Value],
  templateUrl: './home.html',
  styleUrl: './home.scss',
})
export class Home {
  private readonly graphql = inject(Graphql);
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  private readonly pipelines = inject(Pipelines);
  private readonly live = inject(Live);
  protected readonly time = inject(Time);

  protected readonly mine = signal<MineQuery | undefined>(undefined);
  private readonly boards = signal<readonly Board[] | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly me = computed(() => this.session.identity()?.user.id ?? '');
  protected readonly greeting = computed(() => {
    const name = this.session.identity()?.user.label.split(' ')[0] ?? '';
    const hour = new Date().getHours();
    const part = hour < 5 ? 'evening' : hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
    return `Good ${part}, ${name}`;
  });
  protected readonly fields = {
    stage: fieldOf(typeOf('deals'), 'stageId')!,
    close: fieldOf(typeOf('deals'), 'expectedCloseDate')!,
    amount: fieldOf(typeOf('deals'), 'amount')!,
    due: fieldOf(typeOf('tasks'), 'dueDate')!,
    priority: fieldOf(typeOf('tasks'), 'priority')!,
  };
  /** What a person wants to know first, each a way to the list behind it. */
  protected readonly tiles = computed(() => {
    const mine = this.mine();
    if (!mine) return [];
    const stages = this.boards()?.flatMap((board) => board.stages) ?? [];
    const sums = stages.flatMap(({ totals }) => totals);
    const sum = (all: readonly Sum[]) => (this.boards() ? total(all) : '…');
    const open = { ownerId: this.me(), status: 'open' };
    const tasks = { assignedToId: this.me(), status: 'pending,in_progress' };
    const count = (total: number, capped: boolean) => numberText(total) + (capped ? '+' : '');
    return [
      {
        title: 'My open deals',
        value: count(mine.deals.totalCount, mine.deals.totalCapped),
        path: '/deals',
        query: open,
      },
      {
        title: 'Open value',
        value: sum(sums.map(({ amount }) => amount)),
        path: '/deals',
        query: open,
      },
      {
        title: 'Weighted',
        value: sum(sums.map(({ weightedAmount }) => weightedAmount)),
        path: '/deals/board',
        query: { owner: this.me() },
      },
      {
        title: 'Tasks overdue',
        value: count(mine.overdue.totalCount, mine.overdue.totalCapped),
        path: '/tasks',
        query: { ...tasks, 'dueDate[lte]': dayOf(new Date(Date.now() - 86_400_000)) },
        isBad: mine.overdue.totalCount > 0,
      },
    ];
  });

  private readonly again = new Again(() => this.catchUp(), PAUSE_MS);
  private readonly closed = new AbortController();
  /** Position of the last change of somebody else. */
  private position: string | undefined;

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      this.again.stop();
      this.closed.abort();
    });
    effect((done) => {
      const changed = (changes: readonly Change[]) => {
        this.position = changes.at(-1)!.position;
        this.again.ask();
      };
      const missed = () => this.again.ask();
      const leave = untracked(() =>
        ['deal', 'task'].map((type) =>
          this.live.watch({ what: { to: 'type', type }, changed, missed }),
        ),
      );
      done(() => leave.forEach((end) => end()));
    });
    effect((done) => {
      this.time.asOf();
      this.records.changed();
      const abort = new AbortController();
      untracked(() => void this.read(abort.signal));
      done(() => abort.abort());
    });
    effect((done) => {
      this.records.changed();
      const ids = this.pipelines.current()?.map(({ id }) => id);
      const abort = new AbortController();
      if (ids) untracked(() => void this.sumUp(ids, abort.signal));
      done(() => abort.abort());
    });
  }

  protected complete(task: Task): void {
    const type = typeOf('tasks');
    const step = type.steps.find(({ command }) => command === 'completeTask')!;
    void this.actions.step(type, this.row(task), step);
  }
  protected row(one: Deal | Task): RecordRow {
    return one as RecordRow;
  }
  protected reload(): void {
    void this.read(new AbortController().signal);
  }

  /** What is shown stays where it cannot be read just now. */
  private async catchUp(): Promise<void> {
    if (this.time.isPast() || !this.mine()) return;
    const { signal } = this.closed;
    const ids = this.pipelines.current()?.map(({ id }) => id);
    await Promise.all([this.read(signal, true), ids && this.sumUp(ids, signal)]);
  }

  /** Sums are kept per pipeline; what is mine is their total. */
  private async sumUp(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const times = { asOf: this.time.asOf(), atLeast: this.records.andAtLeast(this.position) };
    const ask = (pipelineId: string) =>
      this.graphql.run(MySumsDocument, { me: this.me(), pipelineId, ...times }, signal);
    try {
      const answers = await Promise.all(ids.map(ask));
      this.boards.set(answers.flatMap(({ dealPipeline }) => dealPipeline ?? []));
    } catch {
      if (!signal.aborted) this.boards.set(undefined);
    }
  }

  private async read(signal: AbortSignal, isQuiet = false): Promise<void> {
    const variables = {
      me: this.me(),
      now: this.time.asOf() ?? new Date().toISOString(),
      asOf: this.time.asOf(),
      atLeast: this.records.andAtLeast(this.position),
      seesHistory: this.session.may('timeline:read'),
    };
    try {
      this.mine.set(await this.graphql.run(MineDocument, variables, signal));
      this.error.set(undefined);
    } catch (error) {
      if (!signal.aborted && !isQuiet) this.error.set(apiError(error));
    }
  }
}

type Sum = Board['stages'][number]['totals'][number]['amount'];

/** Sums of one currency as one, others beside it. */
function total(sums: readonly Sum[]): string {
  const byCurrency = Map.groupBy(sums, ({ currency }) => currency);
  const totals = [...byCurrency].map(([currency, all]) => {
    const minor = all.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n);
    return moneyText({ amountMinor: String(roundToMajor(minor)), currency });
  });
  return totals.join(' + ') || '0';
}

/** Cents say nothing in a sum of many deals. */
function roundToMajor(minor: bigint): bigint {
  return ((minor + 50n) / 100n) * 100n;
}

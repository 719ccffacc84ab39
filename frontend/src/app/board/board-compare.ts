import { Component, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { RouterLink } from '@angular/router';
import { apiError, type ApiError } from '../../data/api';
import {
  BoardDealsDocument,
  BoardSumsDocument,
  type DealFilter,
} from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { Bones } from '../../ui/bones';
import { moneyText, numberText, shortMoney } from '../../ui/format';
import { Compare } from '../frame/compare';
import { CompareBar } from '../frame/compare-bar';
import { Time } from '../frame/time';
import { Pipelines } from '../pipelines/pipelines';
import { Records } from '../records/records';
import {
  compareDeals,
  compareStages,
  totalsDifference,
  type Change,
  type DealDifference,
  type Side,
  type StageDifference,
  type Totals,
} from './board-differences';
import type { BoardState } from './board-store';

/** Deals that changed since, at most; beyond it only the sums are complete. */
const MOST = 2_000;
const PAGE = 100;

const titles: Readonly<Record<Change, string>> = {
  won: 'Won',
  lost: 'Lost',
  moved: 'Moved',
  new: 'New',
  reopened: 'Reopened',
  amount: 'Another amount',
  gone: 'Archived or deleted',
};

/** The board at two instants side by side, and what became of each deal in between. */
@Component({
  selector: 'cf-board-compare',
  imports: [Bones, CompareBar, RouterLink],
  templateUrl: './board-compare.html',
  styleUrl: './board-compare.scss',
})
export class BoardCompare {
  private readonly graphql = inject(Graphql);
  private readonly pipelines = inject(Pipelines);
  private readonly records = inject(Records);
  private readonly time = inject(Time);
  protected readonly compare = inject(Compare);
  readonly state = input.required<BoardState>();
  readonly pipelineId = input.required<string>();

  protected readonly stages = signal<readonly StageDifference[] | undefined>(undefined);
  private readonly deals = signal<readonly DealDifference[]>([]);
  protected readonly isCut = signal(false);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly groups = computed(() =>
    (Object.keys(titles) as Change[])
      .map((change) => ({
        title: titles[change],
        deals: this.deals().filter((one) => one.change === change),
      }))
      .filter(({ deals }) => deals.length > 0),
  );
  protected readonly number = numberText;

  constructor() {
    effect((done) => {
      const [state, then, shown] = [this.state(), this.compare.with(), this.time.asOf()];
      const pipelineId = this.pipelineId();
      this.records.changed();
      const abort = new AbortController();
      untracked(() => void this.read({ state, pipelineId, then, shown }, abort.signal));
      done(() => abort.abort());
    });
  }

  protected sum(totals: Totals | undefined): string {
    return (totals ?? []).map(({ amount }) => moneyText(amount)).join(' + ') || '–';
  }
  protected weighted(totals: Totals | undefined): string {
    return (totals ?? []).map(({ weightedAmount }) => moneyText(weightedAmount)).join(' + ');
  }
  protected countChange({ then, shown }: StageDifference): string {
    return signed((shown?.count ?? 0) - (then?.count ?? 0), numberText);
  }
  protected sumChange({ then, shown }: StageDifference): string {
    const sums = totalsDifference(then?.totals, shown?.totals);
    return sums
      .filter(({ amount }) => amount.amountMinor !== '0')
      .map(({ amount }) => (amount.amountMinor.startsWith('-') ? '' : '+') + shortMoney(amount))
      .join(', ');
  }
  protected stageOf(side: Side | undefined): string {
    return this.pipelines.stage(side?.stageId)?.name ?? '';
  }
  protected amountOf(side: Side | undefined): string {
    return side?.amount ? moneyText(side.amount) : 'no amount';
  }

  private async read(given: Asked, signal: AbortSignal): Promise<void> {
    const { state, pipelineId, then, shown } = given;
    const filter: DealFilter = state.ownerId ? { ownerId: { eq: state.ownerId } } : {};
    const search = state.search ? { search: state.search } : {};
    const sums = async (asOf: string | null) => {
      const variables = { pipelineId, filter, ...search, asOf };
      const { dealPipeline } = await this.graphql.run(BoardSumsDocument, variables, signal);
      return dealPipeline?.stages ?? [];
    };
    try {
      const [before, after, changed] = await Promise.all([
        sums(then),
        sums(shown),
        this.changedSince(
          then!,
          shown,
          { ...filter, pipelineId: { eq: pipelineId } },
          search,
          signal,
        ),
      ]);
      const was = await this.asTheyWere(changed, then!, signal);
      this.stages.set(compareStages(before, after));
      this.deals.set(compareDeals(was, changed));
      this.error.set(undefined);
    } catch (error) {
      if (!signal.aborted) this.error.set(apiError(error));
    }
  }

  /** Only what changed since can differ; a day is read from its start, which is a little more. */
  private async changedSince(
    then: string,
    asOf: string | null,
    filter: DealFilter,
    search: { search?: string },
    signal: AbortSignal,
  ): Promise<readonly Side[]> {
    const gte = then.length === 10 ? `${then}T00:00:00.000Z` : then;
    const since = new Date(Date.parse(gte) - 86_400_000).toISOString();
    const found: Side[] = [];
    const given = { asOf, ...search, filter: { ...filter, updatedAt: { gte: since } } };
    const page = (after: string | null) =>
      this.graphql.run(BoardDealsDocument, { ...given, after }, signal).then(({ deals }) => deals);
    let { nodes, pageInfo } = await page(null);
    found.push(...nodes);
    while (pageInfo.hasNextPage && found.length < MOST) {
      ({ nodes, pageInfo } = await page(pageInfo.endCursor));
      found.push(...nodes);
    }
    this.isCut.set(pageInfo.hasNextPage);
    return found;
  }

  private async asTheyWere(
    deals: readonly Side[],
    asOf: string,
    signal: AbortSignal,
  ): Promise<readonly Side[]> {
    const found: Side[] = [];
    for (let at = 0; at < deals.length; at += PAGE) {
      const ids = deals.slice(at, at + PAGE).map(({ id }) => id);
      const variables = { filter: { id: { in: ids } }, asOf };
      const answer = await this.graphql.run(BoardDealsDocument, variables, signal);
      found.push(...answer.deals.nodes);
    }
    return found;
  }
}

interface Asked {
  readonly state: BoardState;
  readonly pipelineId: string;
  readonly then: string | null;
  readonly shown: string | null;
}

function signed(value: number, text: (value: number) => string): string {
  if (value === 0) return '';
  return (value > 0 ? '+' : '−') + text(Math.abs(value));
}

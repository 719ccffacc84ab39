import type { BoardDealsQuery, BoardSumsQuery } from '../../data/generated/graphql';
import { same } from '../records/same';

export type Side = BoardDealsQuery['deals']['nodes'][number];
type StageSums = NonNullable<BoardSumsQuery['dealPipeline']>['stages'][number];
export type Totals = StageSums['totals'];

/** One stage at two instants; a side is missing where the stage was not there. */
export interface StageDifference {
  readonly stageId: string;
  readonly name: string;
  readonly then: StageSums | undefined;
  readonly shown: StageSums | undefined;
  readonly isDifferent: boolean;
}
export type Change = 'new' | 'won' | 'lost' | 'reopened' | 'moved' | 'amount' | 'gone';
/** A deal that is not what it was. */
export interface DealDifference {
  readonly change: Change;
  readonly then: Side | undefined;
  readonly shown: Side;
}

/** The stages of both instants in the order of the later one. */
export function compareStages(
  then: readonly StageSums[],
  shown: readonly StageSums[],
): readonly StageDifference[] {
  const ids = new Set([...shown, ...then].map(({ stage }) => stage.stageId));
  return [...ids].map((stageId) => {
    const [before, after] = [then, shown].map((side) =>
      side.find(({ stage }) => stage.stageId === stageId),
    );
    const isDifferent =
      (before?.count ?? 0) !== (after?.count ?? 0) ||
      !same(before?.totals ?? [], after?.totals ?? []);
    const name = (after ?? before)!.stage.name;
    return { stageId, name, then: before, shown: after, isDifferent };
  });
}

/** What became of each deal; those that are as they were are left out. */
export function compareDeals(
  then: readonly Side[],
  shown: readonly Side[],
): readonly DealDifference[] {
  const before = new Map(then.map((deal) => [deal.id, deal]));
  return shown.flatMap((deal): DealDifference[] => {
    const was = before.get(deal.id);
    const change = changeOf(was && isThere(was) ? was : undefined, deal);
    return change ? [{ change, then: was, shown: deal }] : [];
  });
}

const isThere = ({ archivedAt, deletedAt }: Side) => !archivedAt && !deletedAt;

function changeOf(was: Side | undefined, is: Side): Change | undefined {
  if (!isThere(is)) return was ? 'gone' : undefined;
  if (!was) return 'new';
  if (was.stageId !== is.stageId) {
    if (is.status !== 'open') return is.status === 'won' ? 'won' : 'lost';
    return was.status === 'open' ? 'moved' : 'reopened';
  }
  return same(was.amount, is.amount) ? undefined : 'amount';
}

/** The difference of sums in minor units, by currency. */
export function totalsDifference(then: Totals = [], shown: Totals = []): Totals {
  const currencies = new Set([...shown, ...then].map(({ amount }) => amount.currency));
  return [...currencies].map((currency) => {
    const of = (side: Totals, name: 'amount' | 'weightedAmount') =>
      BigInt(side.find(({ amount }) => amount.currency === currency)?.[name].amountMinor ?? 0);
    const between = (name: 'amount' | 'weightedAmount') => ({
      amountMinor: String(of(shown, name) - of(then, name)),
      currency,
    });
    return { amount: between('amount'), weightedAmount: between('weightedAmount') };
  });
}

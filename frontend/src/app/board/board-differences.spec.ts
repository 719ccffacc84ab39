import { compareDeals, compareStages, totalsDifference, type Side } from './board-differences';

const usd = (amountMinor: string) => ({ amountMinor, currency: 'USD' });
const deal = (id: string, more: Partial<Side> = {}): Side => ({
  id,
  label: id,
  stageId: 'offer',
  status: 'open',
  archivedAt: null,
  deletedAt: null,
  amount: usd('100'),
  ...more,
});

describe('a board at two instants', () => {
  it('says of each deal what became of it and leaves out what stayed', () => {
    const gone = { archivedAt: '2026-01-02T00:00:00Z' };
    const won = { stageId: 'won', status: 'won' as const };
    const then = [
      deal('same'),
      deal('moved'),
      deal('won'),
      deal('dearer'),
      deal('gone'),
      deal('back', won),
      deal('long gone', gone),
    ];
    const shown = [
      deal('same'),
      deal('moved', { stageId: 'contract' }),
      deal('won', won),
      deal('dearer', { amount: usd('200') }),
      deal('gone', gone),
      deal('back'),
      deal('long gone', gone),
      deal('new'),
    ];
    const changes = compareDeals(then, shown).map((one) => [one.shown.id, one.change]);
    expect(changes).toEqual([
      ['moved', 'moved'],
      ['won', 'won'],
      ['dearer', 'amount'],
      ['gone', 'gone'],
      ['back', 'reopened'],
      ['new', 'new'],
    ]);
  });

  it('marks stages whose count or sum differs, also one that is new', () => {
    const stage = (stageId: string, count: number, amount: string) => ({
      stage: { stageId, name: stageId, position: 0, kind: 'open' as const },
      count,
      totals: [{ amount: usd(amount), weightedAmount: usd('0') }],
    });
    const then = [stage('a', 1, '5'), stage('b', 1, '5')];
    const shown = [stage('a', 1, '5'), stage('b', 1, '6'), stage('c', 0, '0')];
    const marks = compareStages(then, shown).map((one) => [one.stageId, one.isDifferent]);
    expect(marks).toEqual([
      ['a', false],
      ['b', true],
      ['c', true],
    ]);
  });

  it('takes sums apart by currency', () => {
    const total = (amountMinor: string, currency: string) => ({
      amount: { amountMinor, currency },
      weightedAmount: { amountMinor: '0', currency },
    });
    const difference = totalsDifference(
      [total('5', 'USD'), total('7', 'EUR')],
      [total('9', 'USD')],
    );
    expect(difference.map(({ amount }) => amount)).toEqual([
      { amountMinor: '4', currency: 'USD' },
      { amountMinor: '-7', currency: 'EUR' },
    ]);
  });
});

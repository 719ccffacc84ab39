import { convertToParamMap } from '@angular/router';
import { typeOf } from '../registry';
import { filterInput, readState, sortInput, writeState } from './list-state';

const deals = typeOf('deals');
const read = (params: Record<string, string>) => readState(deals, convertToParamMap(params));

describe('the address of a list', () => {
  it('holds everything a person sees', () => {
    const params = {
      search: 'gtx',
      sort: '-amount',
      status: 'open,won',
      'amount[gte]': '100000',
      columns: 'name,amount',
      show: 'archived',
      peek: 'some-id',
    };
    expect(writeState(deals, read(params))).toEqual(params);
  });

  it('leaves out what is as usual', () => {
    expect(writeState(deals, read({}))).toEqual({});
    expect(writeState(deals, read({ sort: deals.sort }))).toEqual({});
  });

  it('ignores what no list has', () => {
    const state = read({ sort: 'password', nonsense: 'x', 'status[like]': 'o', columns: 'nope' });
    expect(state.sort).toBe(deals.sort);
    expect(state.columns).toEqual(deals.columns);
    expect(state.filters).toEqual([]);
  });
});

describe('what the API is asked', () => {
  it('has the operators and types of its filters', () => {
    const { filters } = read({
      status: 'open',
      'amount[gte]': '100000',
      'probability[lte]': '50',
      'ownerId[null]': 'true',
    });
    expect(filterInput(deals, filters)).toEqual({
      status: { in: ['open'] },
      amount: { gte: '100000' },
      probability: { lte: 50 },
      ownerId: { null: true },
    });
  });

  it('joins two bounds of one field and asks flags by eq', () => {
    const range = read({
      'expectedCloseDate[gte]': '2026-01-01',
      'expectedCloseDate[lte]': '2026-02-01',
    });
    expect(filterInput(deals, range.filters)).toEqual({
      expectedCloseDate: { gte: '2026-01-01', lte: '2026-02-01' },
    });
    const products = typeOf('products');
    const { filters } = readState(products, convertToParamMap({ isActive: 'true' }));
    expect(filterInput(products, filters)).toEqual({ isActive: { eq: true } });
  });

  it('sorts downwards after a minus', () => {
    expect(sortInput('-amount')).toEqual([{ field: 'amount', direction: 'desc' }]);
    expect(sortInput('name')).toEqual([{ field: 'name', direction: 'asc' }]);
  });
});

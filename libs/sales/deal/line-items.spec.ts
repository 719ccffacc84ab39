import { describe, expect, it } from '@jest/globals';
import { dealLife, type DealEvent } from '#event-schemas/sales/deal.events';
import { lineTotal } from '#event-schemas/sales/line-items';
import { productLife } from '#event-schemas/sales/product.events';
import { given, SPEC_ID } from '#kernel/specification';
import { product } from '../product/product.js';
import { addLineItem } from './add-line-item.js';
import { changeLineItem } from './change-line-item.js';
import { dealCommands } from './commands.js';
import { deal } from './deal.js';
import * as the from './deal.given.js';
import { removeLineItem } from './remove-line-item.js';

const { created, eur, usd, won } = the;
const productId = '01890a5d-ac96-774b-bcce-b302099a8070';
const lineId = '01890a5d-ac96-774b-bcce-000000000000';
const gtx = given(product, [
  productLife.fact('created', productId, { name: 'GTX Plus Pro', unitPrice: usd('52700') }),
]).state;
const decide = (
  command: object,
  input: object,
  past: readonly DealEvent[] = [created],
  known: object = {},
) => given(deal, past).when(command, input, { facts: known as never });
const added = decide(addLineItem, { productId, quantity: 3 }, [created], { product: gtx }).events;
const past = [created, ...added];
const line = { lineId, productId, description: 'GTX Plus Pro', discountPercent: 0 };

describe('AddLineItem', () => {
  it('takes name and price from the product, and the amount follows', () => {
    const data = { dealId: SPEC_ID, ...line, quantity: 3, unitPrice: usd('52700') };
    expect(added).toEqual([
      { type: 'DealLineItemAdded', data: { ...data, amount: usd('158100') } },
    ]);
    const { state } = given(deal, past);
    expect(state).toMatchObject({ values: { amount: usd('158100') }, manualAmount: usd('105400') });
  });

  it('takes its own text and price, one piece and no discount unless told', () => {
    const { events } = decide(
      addLineItem,
      { description: 'Training', unitPrice: usd('9900') },
      past,
    );
    expect(events[0]!.data).toMatchObject({
      productId: null,
      quantity: 1,
      discountPercent: 0,
      amount: usd('168000'),
    });
  });

  it('is refused without a text or a price', () => {
    const bare = given(product, [productLife.fact('created', productId, { name: 'X' })]).state;
    expect(decide(addLineItem, { unitPrice: usd('1') }).refusal).toMatchObject({
      code: 'LINE_ITEM_INCOMPLETE',
      details: [{ field: 'description' }],
    });
    expect(decide(addLineItem, { productId }, [created], { product: bare }).refusal).toMatchObject({
      code: 'LINE_ITEM_INCOMPLETE',
      details: [{ field: 'unitPrice' }],
    });
  });

  it('is refused for products that are not sold', () => {
    const code = (known: object) =>
      decide(addLineItem, { productId }, [created], { product: known }).refusal?.code;
    expect(code(product.initial)).toBe('REFERENCE_NOT_FOUND');
    expect(code({ ...gtx, status: 'deleted' })).toBe('REFERENCE_NOT_FOUND');
    expect(code({ ...gtx, status: 'archived' })).toBe('PRODUCT_UNAVAILABLE');
    const inactive = {
      ...gtx,
      values: { ...((gtx as never)['values'] as object), isActive: false },
    };
    expect(code(inactive)).toBe('PRODUCT_UNAVAILABLE');
  });

  it('is refused in another currency, beyond 18 digits and beyond 200 lines', () => {
    const add = (unitPrice: object, before: readonly DealEvent[] = past) =>
      decide(addLineItem, { description: 'X', unitPrice, quantity: 10 }, before).refusal?.code;
    expect(add(eur('1'))).toBe('MIXED_CURRENCIES');
    expect(add(usd('999999999999999999'))).toBe('AMOUNT_TOO_LARGE');
    expect(add(usd('1'), [created, ...Array(200).fill(added[0])])).toBe('TOO_MANY_LINE_ITEMS');
  });

  it('may bring another currency than the amount entered by hand', () => {
    const { state } = decide(addLineItem, { description: 'X', unitPrice: eur('100') });
    expect(state).toMatchObject({ values: { amount: eur('100') } });
  });
});

describe('ChangeLineItem', () => {
  it('records what differs and the new amount', () => {
    const { events, state } = decide(
      changeLineItem,
      { lineId, quantity: 3, discountPercent: 10 },
      past,
    );
    expect(events).toEqual([
      {
        type: 'DealLineItemChanged',
        data: { dealId: SPEC_ID, lineId, discountPercent: 10, amount: usd('142290') },
      },
    ]);
    expect(state).toMatchObject({ lineItems: [{ quantity: 3, discountPercent: 10 }] });
    expect(decide(changeLineItem, { lineId, quantity: 3 }, past).events).toEqual([]);
  });

  it('changes one line among several', () => {
    const other = { ...added[0]!, data: { ...(added[0]!.data as object), lineId: the.unknownId } };
    const { state } = decide(changeLineItem, { lineId, quantity: 1 }, [...past, other as never]);
    expect(state).toMatchObject({
      lineItems: [{ quantity: 1 }, { quantity: 3 }],
      values: { amount: usd('210800') },
    });
  });

  it('keeps a product that is no longer sold, but takes no such product', () => {
    const known = { product: { ...gtx, status: 'archived' } };
    const kept = decide(changeLineItem, { lineId, productId, quantity: 1 }, past, known);
    expect(kept.refusal).toBeUndefined();
    const other = { lineId, productId: the.unknownId };
    expect(decide(changeLineItem, other, past, known).refusal?.code).toBe('PRODUCT_UNAVAILABLE');
    const absent = { product: product.initial };
    expect(decide(changeLineItem, other, past, absent).refusal?.code).toBe('REFERENCE_NOT_FOUND');
  });

  it('is refused for unknown lines, other currencies and too much money', () => {
    const code = (input: object, before = [...past, ...added]) =>
      decide(changeLineItem, input, before).refusal?.code;
    expect(code({ lineId: the.unknownId, quantity: 1 })).toBe('LINE_ITEM_NOT_FOUND');
    const mixed = { ...added[0]!, data: { ...(added[0]!.data as object), lineId: the.unknownId } };
    expect(code({ lineId, unitPrice: eur('1') }, [...past, mixed as never])).toBe(
      'MIXED_CURRENCIES',
    );
    expect(code({ lineId, unitPrice: usd('999999999999999999') })).toBe('AMOUNT_TOO_LARGE');
  });
});

describe('RemoveLineItem', () => {
  it('gives the amount entered by hand back after the last line', () => {
    const { events, state } = decide(removeLineItem, { lineId }, past);
    expect(events).toEqual([
      {
        type: 'DealLineItemRemoved',
        data: { dealId: SPEC_ID, lineId, amount: usd('105400') },
      },
    ]);
    expect(state).toMatchObject({ lineItems: [], values: { amount: usd('105400') } });
  });

  it('is refused for unknown lines', () => {
    const { refusal } = decide(removeLineItem, { lineId: the.unknownId }, past);
    expect(refusal?.code).toBe('LINE_ITEM_NOT_FOUND');
  });
});

describe('line items', () => {
  it('stay as they are once the deal is closed or archived', () => {
    for (const command of [addLineItem, changeLineItem, removeLineItem]) {
      expect(decide(command, { lineId }, won).refusal?.code).toBe('DEAL_CLOSED');
      expect(decide(command, { lineId }, [created, the.archived]).refusal?.code).toBe(
        'RECORD_ARCHIVED',
      );
    }
  });

  it('of a closed deal are only changed as a correction, which leaves it closed', () => {
    const { state, events } = decide(changeLineItem, { lineId, quantity: 1, correction: true }, [
      ...past,
      ...won.slice(1),
    ]);
    expect(events.map(({ type }) => type)).toEqual(['DealLineItemChanged']);
    expect(state).toMatchObject({ outcome: 'won', lineItems: [{ lineId, quantity: 1 }] });
  });

  it('rule the amount of the deal', () => {
    const change = dealCommands.find((one) => one.name === 'ChangeDeal')!;
    const { refusal } = decide(change, { amount: usd('1') }, past);
    expect(refusal?.code).toBe('AMOUNT_FOLLOWS_ITEMS');
    expect(decide(change, { amount: usd('158100') }, past).events).toEqual([]);
    const other = decide(change, { name: 'Hooli' }, past);
    expect(other.events).toEqual([dealLife.fact('changed', SPEC_ID, { name: 'Hooli' })]);
    expect(other.state).toMatchObject({ manualAmount: usd('105400') });
  });

  it('round each line by itself, halves away from zero', () => {
    const total = (amountMinor: string, quantity: number, discountPercent: number) =>
      lineTotal({ ...line, quantity, unitPrice: usd(amountMinor), discountPercent });
    expect(total('333', 1, 50)).toBe(167n);
    expect(total('-333', 1, 50)).toBe(-167n);
    expect(total('105', 3, 15)).toBe(268n);
    expect(total('100', 1, 100)).toBe(0n);
  });
});

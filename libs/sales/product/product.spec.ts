import { describe, expect, it } from '@jest/globals';
import { productLife } from '#event-schemas/sales/product.events';
import { given, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { productCommands } from './commands.js';
import { product } from './product.js';

const command = (name: string) => productCommands.find((one) => one.name === name)!;
const unitPrice = { amountMinor: '548200', currency: 'USD' };
const created = productLife.fact('created', SPEC_ID, {
  name: 'GTX Plus Pro',
  code: 'GTX-PP',
  unitPrice,
  isActive: true,
  ownerId: SPEC_ACTOR,
  tags: [],
});
const deleted = productLife.fact('deleted', SPEC_ID);
const reserved = { scope: 'product-code', value: 'gtx-pp' };

describe('product', () => {
  it('is active from the start and holds its article number', () => {
    const { events, outcome } = given(product).when(command('CreateProduct'), {
      name: 'GTX Plus Pro',
      code: 'GTX-PP',
      unitPrice,
    });
    expect(events).toEqual([created]);
    expect(outcome.take).toEqual([reserved]);
  });

  it('may be created inactive and without a number', () => {
    const { state, outcome } = given(product).when(command('CreateProduct'), {
      name: 'MG Special',
      isActive: false,
    });
    expect(state).toMatchObject({ values: { isActive: false, code: null } });
    expect(outcome.take).toBeUndefined();
  });

  it('is not created twice', () => {
    const { refusal } = given(product, [created]).when(command('CreateProduct'), { name: 'X' });
    expect(refusal?.code).toBe('ALREADY_EXISTS');
  });

  it('warns of a product with the same name', () => {
    const match = { id: SPEC_ACTOR, label: 'GTX Plus Pro' };
    const { outcome } = given(product).when(
      command('CreateProduct'),
      { name: 'GTX Plus Pro' },
      { facts: { duplicate0: [match] } },
    );
    expect(outcome.warnings?.[0]).toMatchObject({
      code: 'POSSIBLE_DUPLICATE',
      records: [{ id: match.id }],
    });
  });

  it('changes its number, letting the old one go; spelling alone holds the same', () => {
    const change = command('ChangeProduct');
    expect(given(product, [created]).when(change, { code: 'GTX-2' }).outcome).toMatchObject({
      take: [{ scope: 'product-code', value: 'gtx-2' }],
      release: [reserved],
    });
    const respelled = given(product, [created]).when(change, { code: 'gtx-pp' });
    expect(respelled.outcome.take).toBeUndefined();
    expect(respelled.outcome.release).toBeUndefined();
  });

  it('frees its number when deleted and takes it back when restored', () => {
    const gone = given(product, [created]).when(command('DeleteProduct'));
    expect(gone.outcome.release).toEqual([reserved]);
    const back = given(product, [created, deleted]).when(command('RestoreProduct'));
    expect(back.outcome.take).toEqual([reserved]);
  });

  it('refuses changes while archived or deleted', () => {
    const archived = productLife.fact('archived', SPEC_ID);
    const change = command('ChangeProduct');
    const refusal = (past: typeof created) =>
      given(product, [created, past]).when(change, { name: 'X' }).refusal?.code;
    expect(refusal(archived)).toBe('RECORD_ARCHIVED');
    expect(refusal(deleted)).toBe('NOT_FOUND');
    expect(given(product).when(change, { name: 'X' }).refusal?.code).toBe('NOT_FOUND');
  });
});

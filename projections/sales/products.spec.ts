import { describe, expect, it } from '@jest/globals';
import { productLife } from '#event-schemas/sales/product.events';
import { rowOf, SPEC_ID } from '#kernel/specification';
import { products } from './products.js';

describe('products', () => {
  it('show the latest values, tags and marks', () => {
    const row = rowOf(products, [
      productLife.fact('created', SPEC_ID, {
        name: 'GTX Plus Pro',
        unitPrice: { amountMinor: '548200', currency: 'USD' },
        isActive: true,
        ownerId: null,
        tags: ['hardware'],
      }),
      productLife.fact('changed', SPEC_ID, { isActive: false, code: 'GTX-PP' }),
      productLife.fact('archived', SPEC_ID),
    ]);
    expect(row).toEqual({
      name: 'GTX Plus Pro',
      code: 'GTX-PP',
      series: null,
      description: null,
      unitPrice: { amountMinor: '548200', currency: 'USD' },
      isActive: false,
      ownerId: null,
      tags: ['hardware'],
      shares: [],
      sharedWith: [],
      archivedAt: '2026-01-15T12:00:00.000Z',
      deletedAt: null,
    });
  });
});

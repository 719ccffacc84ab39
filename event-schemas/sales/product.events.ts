import { flag, money, recordFields, text } from '#kernel/fields';
import { recordLife } from '#kernel/record-life';

/** The fields of a product, as commands, events and read models share them. */
export const productFields = recordFields(
  { name: text(255, { description: 'Name of the product.', examples: ['GTX Plus Pro'] }) },
  {
    code: text(100, {
      description: 'Article number (SKU); only one product of the workspace has it.',
      examples: ['GTX-PP'],
    }),
    series: text(100, { description: 'Line of products it belongs to.', examples: ['GTX'] }),
    description: text(10_000),
    unitPrice: money({ description: 'List price of one piece, in minor units.' }),
    isActive: flag({ description: 'Whether it can be put on deals; true when left out.' }),
  },
);

export const productLife = recordLife({
  record: 'product',
  names: {
    created: 'ProductCreated',
    changed: 'ProductChanged',
    archived: 'ProductArchived',
    restored: 'ProductRestored',
    deleted: 'ProductDeleted',
    tagsChanged: 'ProductTagsChanged',
    ownerChanged: 'ProductOwnerChanged',
    shared: 'ProductShared',
    sharingEnded: 'ProductSharingEnded',
  },
  fields: productFields,
  samples: {
    created: {
      name: 'GTX Plus Pro',
      code: 'GTX-PP',
      series: 'GTX',
      unitPrice: { amountMinor: '548200', currency: 'USD' },
      isActive: true,
    },
    changed: { unitPrice: { amountMinor: '559900', currency: 'USD' }, isActive: false },
  },
});

export type ProductEvent = Parameters<typeof productLife.foldState>[1];
export const productEvents = productLife.events;

import { productLife } from '#event-schemas/sales/product.events';
import { commandList } from '#kernel/command';
import { recordCommands } from '#kernel/record-commands';
import { sharingCommands } from '#kernel/record-sharing';
import { product } from './product.js';

const life = recordCommands(product, productLife, {
  collection: 'products',
  names: {
    create: 'CreateProduct',
    change: 'ChangeProduct',
    archive: 'ArchiveProduct',
    restore: 'RestoreProduct',
    delete: 'DeleteProduct',
    changeTags: 'ChangeProductTags',
    changeOwner: 'ChangeProductOwner',
  },
  duplicates: [{ readModel: 'products', fields: ['name'], severity: 'warn' }],
  complete: ({ isActive }) => ({ isActive: isActive ?? true }),
  // Article numbers are typed by people: `gtx-pp` and `GTX-PP` are the same one.
  reserves: ({ code }) => (code ? [{ scope: 'product-code', value: code.toLowerCase() }] : []),
});

/** Every command a product takes. */
export const productCommands = commandList(
  ...Object.values(life),
  ...sharingCommands(product, productLife, {
    collection: 'products',
    names: { share: 'ShareProduct', end: 'EndProductSharing' },
  }),
);

import { productLife } from '#event-schemas/sales/product.events';
import { recordCommands } from '#kernel/record-commands';
import { product } from './product.js';

/** Every command a product takes. */
export const productCommands = Object.values(
  recordCommands(product, productLife, {
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
  }),
);

import { productFields, productLife, type ProductEvent } from '#event-schemas/sales/product.events';
import { readModel } from '#kernel/read-model';
import { sharingColumns } from '#kernel/sharing';

/** Products as lists, deals and reports read them. */
export const products = readModel<ProductEvent>({
  name: 'products',
  record: 'product',
  category: 'product',
  version: 2,
  description: 'Goods and services you sell.',
  fields: { ...productFields.required, ...productFields.optional, ...sharingColumns },
  filterable: ['name', 'code', 'series', 'unitPrice', 'isActive', 'sharedWith'],
  sortable: ['name', 'code', 'series', 'unitPrice'],
  searchable: ['name', 'code', 'series'],
  lookups: ['name'],
  owner: 'ownerId',
  label: 'name',
  evolve: (row, event) => productLife.foldRow(row, event, event.envelope.occurredAt),
});

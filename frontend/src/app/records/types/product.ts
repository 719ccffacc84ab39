import type { RecordFields } from '../../../data/generated/graphql';
import { recordType } from '../record-type';

export const product = recordType<RecordFields['Product']>()({
  collection: 'products',
  record: 'product',
  one: 'product',
  many: 'products',
  icon: 'product',
  key: 'p',
  isShared: true,
  purpose: 'The goods and services you put on deals.',
  fields: [
    { name: 'name', label: 'Name', kind: 'text', sort: true, required: true, width: 260 },
    { name: 'code', label: 'Article number', kind: 'text', filter: true, sort: true, width: 140 },
    { name: 'series', label: 'Series', kind: 'text', filter: true, sort: true, width: 120 },
    { name: 'unitPrice', label: 'Unit price', kind: 'money', filter: true, sort: true, width: 120 },
    { name: 'isActive', label: 'For sale', kind: 'flag', filter: true, width: 90 },
    { name: 'description', label: 'Description', kind: 'paragraph', width: 280 },
  ],
  columns: ['name', 'code', 'series', 'unitPrice', 'isActive', 'ownerId', 'updatedAt'],
  sort: 'name',
  head: ['code', 'unitPrice', 'isActive'],
  sections: [
    {
      title: 'Product',
      fields: ['name', 'code', 'series', 'unitPrice', 'isActive', 'ownerId', 'tags'],
    },
    { title: 'About', fields: ['description', 'createdAt', 'updatedAt'] },
  ],
  create: ['name', 'code', 'series', 'unitPrice', 'description'],
});

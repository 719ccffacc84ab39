import type { RecordFields } from '../../../data/generated/graphql';
import { recordType } from '../record-type';

export const team = recordType<RecordFields['Team']>()({
  collection: 'teams',
  record: 'team',
  one: 'team',
  many: 'teams',
  icon: 'team',
  key: 'm',
  purpose: 'People who work together. Managers change what belongs to their teams.',
  fields: [
    { name: 'name', label: 'Name', kind: 'text', sort: true, required: true, width: 240 },
    { name: 'region', label: 'Region', kind: 'text', filter: true, sort: true, width: 140 },
    {
      name: 'managerId',
      label: 'Led by',
      kind: 'record',
      target: 'users',
      filter: true,
      width: 180,
    },
    { name: 'memberIds', label: 'Members', kind: 'records', target: 'users', width: 100 },
    { name: 'description', label: 'Description', kind: 'paragraph', width: 280 },
  ],
  columns: ['name', 'region', 'managerId', 'memberIds', 'updatedAt'],
  sort: 'name',
  head: ['region', 'managerId'],
  sections: [
    { title: 'Team', fields: ['name', 'region', 'managerId', 'memberIds', 'tags'] },
    { title: 'About', fields: ['description', 'createdAt', 'updatedAt'] },
  ],
  create: ['name', 'region', 'managerId', 'description'],
});

import type { RecordFields } from '../../../data/generated/graphql';
import { recordType } from '../record-type';

/** Pipelines are set up on a page of their own; this is what pickers and commands know. */
export const pipeline = recordType<RecordFields['Pipeline']>()({
  collection: 'pipelines',
  record: 'pipeline',
  one: 'pipeline',
  many: 'pipelines',
  icon: 'board',
  key: 'l',
  purpose: 'The ways a deal can take, stage by stage.',
  fields: [
    { name: 'name', label: 'Name', kind: 'text', sort: true, required: true },
    { name: 'isDefault', label: 'Default', kind: 'flag', filter: true },
    { name: 'description', label: 'Description', kind: 'paragraph' },
  ],
  columns: ['name', 'isDefault'],
  sort: 'name',
  head: [],
  sections: [{ title: 'Pipeline', fields: ['name', 'isDefault', 'description'] }],
  create: ['name'],
});

import type { RecordFields } from '../../../data/generated/graphql';
import { recordType } from '../record-type';

/** Notes are written and read on the record they are about. */
export const note = recordType<RecordFields['Note']>()({
  collection: 'notes',
  record: 'note',
  one: 'note',
  many: 'notes',
  icon: 'note',
  key: 'n',
  purpose: 'What people wrote down about a record.',
  fields: [
    { name: 'content', label: 'Note', kind: 'paragraph', required: true },
    { name: 'isPinned', label: 'Pinned', kind: 'flag', filter: true, sort: true, edit: false },
    { name: 'relatedToId', label: 'About', kind: 'related', edit: false },
  ],
  columns: ['content', 'isPinned', 'ownerId', 'createdAt'],
  head: [],
  sections: [{ title: 'Note', fields: ['content'] }],
  create: ['content'],
  steps: [
    {
      command: 'pinNote',
      label: 'Pin',
      icon: 'pin',
      permission: 'notes:update',
      undo: 'unpinNote',
      when: ({ isPinned }) => isPinned !== true,
    },
    {
      command: 'unpinNote',
      label: 'Unpin',
      icon: 'pin',
      permission: 'notes:update',
      undo: 'pinNote',
      when: ({ isPinned }) => isPinned === true,
    },
  ],
});

import type { RecordFields } from '../../../data/generated/graphql';
import { recordType } from '../record-type';

/** Calls, meetings and messages are logged and read on the record they are about. */
export const activity = recordType<RecordFields['Activity']>()({
  collection: 'activities',
  record: 'activity',
  one: 'activity',
  many: 'activities',
  icon: 'phone',
  key: 'v',
  purpose: 'Calls, meetings and messages with people.',
  fields: [
    {
      name: 'activityType',
      label: 'Kind',
      kind: 'choice',
      filter: true,
      required: true,
      choices: [
        { value: 'call', label: 'Call' },
        { value: 'meeting', label: 'Meeting' },
        { value: 'email', label: 'E-mail' },
        { value: 'message', label: 'Message' },
        { value: 'visit', label: 'Visit' },
        { value: 'other', label: 'Other' },
      ],
    },
    { name: 'subject', label: 'Subject', kind: 'text', required: true },
    { name: 'happenedAt', label: 'When', kind: 'instant', filter: true, sort: true },
    { name: 'durationMinutes', label: 'Minutes', kind: 'number', filter: true, sort: true },
    {
      name: 'direction',
      label: 'Direction',
      kind: 'choice',
      filter: true,
      choices: [
        { value: 'outbound', label: 'We reached out' },
        { value: 'inbound', label: 'They reached out' },
      ],
    },
    { name: 'outcome', label: 'Outcome', kind: 'text' },
    { name: 'description', label: 'What was said', kind: 'paragraph' },
    { name: 'relatedToId', label: 'About', kind: 'related', edit: false },
  ],
  columns: ['activityType', 'subject', 'happenedAt', 'ownerId'],
  sort: '-happenedAt',
  head: [],
  sections: [{ title: 'Activity', fields: ['subject', 'description'] }],
  create: ['subject', 'happenedAt', 'durationMinutes', 'direction', 'outcome', 'description'],
  isSearchable: true,
});

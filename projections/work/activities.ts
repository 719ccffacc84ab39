import {
  activityFields,
  activityLife,
  type ActivityEvent,
} from '#event-schemas/work/activity.events';
import { relatedToId, relatedToType } from '#event-schemas/work/related';
import { readModel } from '#kernel/read-model';
import { sharingColumns } from '#kernel/sharing';

/** Calls, meetings and messages people logged, as records and reports read them. */
export const activities = readModel<ActivityEvent>({
  name: 'activities',
  record: 'activity',
  category: 'activity',
  version: 2,
  description: 'Calls, meetings, messages and visits that people logged.',
  fields: {
    ...activityFields.required,
    ...activityFields.optional,
    relatedToType: relatedToType(),
    relatedToId: relatedToId(),
    ...sharingColumns,
  },
  filterable: [
    'activityType',
    'happenedAt',
    'direction',
    'outcome',
    'durationMinutes',
    'relatedToType',
    'relatedToId',
    'sharedWith',
  ],
  sortable: ['happenedAt', 'durationMinutes'],
  searchable: ['subject', 'description'],
  owner: 'ownerId',
  label: 'subject',
  evolve: (row, event) => activityLife.foldRow(row, event, event.envelope.occurredAt),
});

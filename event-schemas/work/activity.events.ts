import { choice, instant, integer, recordFields, text } from '#kernel/fields';
import { recordLife } from '#kernel/record-life';
import { relatedToId, relatedToType } from './related.js';

/** The fields of an activity a person logs: something that happened outside the product. */
export const activityFields = recordFields(
  {
    activityType: choice(['call', 'email', 'meeting', 'message', 'visit', 'other'], {
      description: 'What happened.',
    }),
    subject: text(255, { personal: true, description: 'In one line, what it was about.' }),
  },
  {
    description: text(10_000, { personal: true }),
    happenedAt: instant({ description: 'When it happened; now when left out.' }),
    durationMinutes: integer(0, 100_000),
    direction: choice(['inbound', 'outbound'], { description: 'Who reached out.' }),
    outcome: text(255, { description: 'How it ended, for example voicemail.' }),
  },
);

/** Sealed, like a note, under the record it is about; that record therefore never changes. */
export const activityLife = recordLife({
  record: 'activity',
  names: {
    created: 'ActivityLogged',
    changed: 'ActivityChanged',
    archived: 'ActivityArchived',
    restored: 'ActivityRestored',
    deleted: 'ActivityDeleted',
    tagsChanged: 'ActivityTagsChanged',
    ownerChanged: 'ActivityOwnerChanged',
    shared: 'ActivityShared',
    sharingEnded: 'ActivitySharingEnded',
  },
  fields: activityFields,
  extra: { relatedToType: relatedToType(), relatedToId: relatedToId() },
  subject: 'relatedToId',
  samples: {
    created: {
      activityType: 'call',
      subject: 'Asked about the second demo',
      happenedAt: '2026-02-02T09:00:00.000Z',
      durationMinutes: 12,
      direction: 'outbound',
      relatedToType: 'contact',
      relatedToId: '01890a5d-ac96-774b-bcce-b302099a8060',
    },
    changed: { outcome: 'voicemail', relatedToId: '01890a5d-ac96-774b-bcce-b302099a8060' },
  },
});

export type ActivityEvent = Parameters<typeof activityLife.foldState>[1];
export const activityEvents = activityLife.events;

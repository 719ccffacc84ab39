import { defineEvent, type EventsOf } from '#kernel/event';
import { choice, integer, list, object, optional, text, uuid } from '#kernel/fields';

/** Why a person's data is erased, after the cases of Article 17 (1) GDPR. */
export const erasureReasons = [
  'request',
  'consent_withdrawn',
  'no_longer_needed',
  'unlawful',
  'legal_duty',
] as const;
export type ErasureReason = (typeof erasureReasons)[number];

/** Whose data was erased: nothing about the person but the id that their records keep. */
export const erasureEvents = {
  erased: defineEvent({
    type: 'SubjectErased',
    action: 'erased',
    schema: object({
      subjectId: uuid({ description: 'Contact, user or other record whose keys were destroyed.' }),
      keys: list(integer(1, 1_000_000), 1_000, {
        description: 'Versions of the key that were destroyed.',
      }),
      reason: choice(erasureReasons),
      reference: optional(text(100, { description: 'Number of the request; no personal data.' })),
    }),
    samples: {
      1: {
        subjectId: '01890a5d-ac96-774b-bcce-b302099a8057',
        keys: [1],
        reason: 'request',
        reference: 'REQ-2041',
      },
    },
  }),
};
export type ErasureEvent = EventsOf<typeof erasureEvents>;

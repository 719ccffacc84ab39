import { defineEvent, type EventOf } from '#kernel/event';
import { object, recordFields, Type, uuid } from '#kernel/fields';
import { recordLife } from '#kernel/record-life';
import { relatedToId, relatedToType } from './related.js';

/** The text of a note: Markdown without HTML, some of it visible. */
export const noteFields = recordFields(
  {
    content: Type.String({
      minLength: 1,
      maxLength: 20_000,
      pattern: '\\S',
      personal: true,
      description: 'Plain text or Markdown; HTML is refused.',
      examples: ['Asked for a **second demo** in March.'],
    }),
  },
  {},
);

const CONTACT_ID = '01890a5d-ac96-774b-bcce-b302099a8060';

/**
 * The content is sealed under the record the note is about, so erasing a contact erases what was
 * noted about them. What a note is about therefore never changes, and each event with content
 * says it.
 */
export const noteLife = recordLife({
  record: 'note',
  names: {
    created: 'NoteCreated',
    changed: 'NoteChanged',
    archived: 'NoteArchived',
    restored: 'NoteRestored',
    deleted: 'NoteDeleted',
    tagsChanged: 'NoteTagsChanged',
    ownerChanged: 'NoteOwnerChanged',
    shared: 'NoteShared',
    sharingEnded: 'NoteSharingEnded',
  },
  fields: noteFields,
  extra: { relatedToType: relatedToType(), relatedToId: relatedToId() },
  subject: 'relatedToId',
  samples: {
    created: {
      content: 'Asked for a **second demo** in March.',
      relatedToType: 'contact',
      relatedToId: CONTACT_ID,
    },
    changed: { content: 'Asked for a second demo in April.', relatedToId: CONTACT_ID },
  },
});

const only = {
  schema: object({ noteId: uuid() }),
  samples: { 1: { noteId: '01890a5d-ac96-774b-bcce-b302099a8057' } },
};
export const notePinned = defineEvent({ type: 'NotePinned', action: 'pinned', ...only });
export const noteUnpinned = defineEvent({ type: 'NoteUnpinned', action: 'unpinned', ...only });

export type NoteEvent =
  | Parameters<typeof noteLife.foldState>[1]
  | EventOf<typeof notePinned>
  | EventOf<typeof noteUnpinned>;
export const noteEvents = [...noteLife.events, notePinned, noteUnpinned];

import { noteLife } from '#event-schemas/work/note.events';
import { relatedToId, relatedToType } from '#event-schemas/work/related';
import { commandList } from '#kernel/command';
import { recordCommands } from '#kernel/record-commands';
import { sharingCommands } from '#kernel/record-sharing';
import { missingRelated, relatedFacts } from '../related.js';
import { contentProblem } from './content.js';
import { note } from './note.js';
import { pinNote } from './pin-note.js';
import { unpinNote } from './unpin-note.js';

const life = recordCommands(note, noteLife, {
  collection: 'notes',
  names: {
    create: 'CreateNote',
    change: 'ChangeNote',
    archive: 'ArchiveNote',
    restore: 'RestoreNote',
    delete: 'DeleteNote',
    changeTags: 'ChangeNoteTags',
    changeOwner: 'ChangeNoteOwner',
  },
  createInput: { relatedToType: relatedToType(), relatedToId: relatedToId() },
  facts: (command) => relatedFacts(command),
  complete: (command, { facts }) => missingRelated(command, facts) ?? {},
  check: ({ content }) => contentProblem(content),
});

/** Every command a note takes. */
export const noteCommands = commandList(
  ...Object.values(life),
  ...sharingCommands(note, noteLife, {
    collection: 'notes',
    names: { share: 'ShareNote', end: 'EndNoteSharing' },
  }),
  pinNote,
  unpinNote,
);

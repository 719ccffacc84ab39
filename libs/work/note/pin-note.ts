import type { NoteEvent } from '#event-schemas/work/note.events';
import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { requireActive } from '#kernel/record-rules';
import { note } from './note.js';

export const pinNote = defineCommand({
  name: 'PinNote',
  description: 'Keeps a note at the top of its record.',
  aggregate: note,
  permission: 'notes:update',
  rest: { method: 'PUT', path: '/notes/:id/pin' },
  input: object({}),
  decide(_command, state, ctx): Decision<NoteEvent> {
    const refused = requireActive(state);
    if (refused) return refused;
    const pinned = state.status !== 'absent' && state.isPinned;
    return pinned ? [] : [{ type: 'NotePinned', data: { noteId: ctx.id } }];
  },
  inverse: { undoneBy: 'UnpinNote' },
});

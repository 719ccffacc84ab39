import type { NoteEvent } from '#event-schemas/work/note.events';
import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { requireActive } from '#kernel/record-rules';
import { note } from './note.js';

export const unpinNote = defineCommand({
  name: 'UnpinNote',
  description: 'Lets a pinned note take its place in time again.',
  aggregate: note,
  permission: 'notes:update',
  rest: { method: 'DELETE', path: '/notes/:id/pin' },
  input: object({}),
  decide(_command, state, ctx): Decision<NoteEvent> {
    const refused = requireActive(state);
    if (refused) return refused;
    const pinned = state.status !== 'absent' && state.isPinned;
    return pinned ? [{ type: 'NoteUnpinned', data: { noteId: ctx.id } }] : [];
  },
  inverse: { undoneBy: 'PinNote' },
});

import type { Aggregate } from '#kernel/aggregate';
import type { FieldValues } from '#kernel/fields';
import type { Living } from '#kernel/record-life';
import { sharesOf } from '#kernel/sharing';
import {
  noteEvents,
  noteLife,
  type NoteEvent,
  type noteFields,
} from '#event-schemas/work/note.events';

export type NoteState =
  | { readonly status: 'absent' }
  | (Living<FieldValues<typeof noteFields>> & {
      readonly relatedToType: string;
      readonly relatedToId: string;
      readonly isPinned: boolean;
    });

export const note: Aggregate<NoteState, NoteEvent> = {
  category: 'note',
  stateVersion: 2,
  initial: { status: 'absent' },
  events: noteEvents,
  lists: { shares: 'granteeId' },
  evolve(state, event): NoteState {
    if (noteLife.isLife(event)) {
      const isPinned = state.status !== 'absent' && state.isPinned;
      return { ...noteLife.foldState(state, event), isPinned };
    }
    if (state.status === 'absent') return state;
    switch (event.type) {
      case 'NotePinned':
        return { ...state, isPinned: true };
      case 'NoteUnpinned':
        return { ...state, isPinned: false };
    }
  },
  status: (state) => state.status,
  owner: (state) => (state.status === 'absent' ? null : state.ownerId),
  shares: sharesOf,
};

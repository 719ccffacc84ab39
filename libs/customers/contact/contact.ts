import type { Aggregate } from '#kernel/aggregate';
import type { FieldValues } from '#kernel/fields';
import type { RecordState } from '#kernel/record-life';
import { sharesOf } from '#kernel/sharing';
import {
  contactEvents,
  contactLife,
  type ContactEvent,
  type contactFields,
} from '#event-schemas/customers/contact.events';

export type ContactState = RecordState<FieldValues<typeof contactFields>>;

export const contact: Aggregate<ContactState, ContactEvent> = {
  category: 'contact',
  stateVersion: 2,
  initial: { status: 'absent' },
  events: contactEvents,
  lists: { shares: 'granteeId' },
  evolve: (state, event) => contactLife.foldState(state, event),
  status: (state) => state.status,
  owner: (state) => (state.status === 'absent' ? null : state.ownerId),
  shares: sharesOf,
};

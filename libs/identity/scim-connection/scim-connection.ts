import type { Aggregate } from '#kernel/aggregate';
import type { Living } from '#kernel/record-life';
import {
  scimConnectionEvents,
  scimConnectionLife,
  type ScimConnectionEvent,
  type ScimConnectionValues,
} from '#event-schemas/identity/scim-connection.events';

export type ScimConnectionState = { readonly status: 'absent' } | Living<ScimConnectionValues>;

/** A directory outside the workspace that adds, changes and removes its people and teams. */
export const scimConnection: Aggregate<ScimConnectionState, ScimConnectionEvent> = {
  category: 'scim_connection',
  stateVersion: 1,
  initial: { status: 'absent' },
  events: scimConnectionEvents,
  evolve(state, event) {
    if (scimConnectionLife.isLife(event)) return scimConnectionLife.foldState(state, event);
    switch (event.type) {
      case 'ScimTokenMade':
      case 'ScimTokenRevoked':
        return state;
    }
  },
  status: (state) => state.status,
  owner: (state) => (state.status === 'absent' ? null : state.ownerId),
};

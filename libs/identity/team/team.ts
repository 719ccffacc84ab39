import type { Aggregate } from '#kernel/aggregate';
import type { FieldValues } from '#kernel/fields';
import type { Living } from '#kernel/record-life';
import {
  foldMembers,
  teamEvents,
  teamLife,
  type TeamEvent,
  type teamFields,
} from '#event-schemas/identity/team.events';

export type TeamState =
  | { readonly status: 'absent' }
  | (Living<FieldValues<typeof teamFields>> & {
      readonly memberIds: readonly string[];
      /** Id a directory gave the team. */
      readonly externalId: string | null;
    });

/** People who work together: how far the scope `team` of a permission reaches. */
export const team: Aggregate<TeamState, TeamEvent> = {
  category: 'team',
  stateVersion: 2,
  initial: { status: 'absent' },
  events: teamEvents,
  evolve(state, event) {
    const memberIds = membersOf(state);
    if (teamLife.isLife(event)) {
      const externalId = state.status === 'absent' ? null : state.externalId;
      return { ...teamLife.foldState(state, event), memberIds, externalId };
    }
    if (state.status === 'absent') return state;
    if (event.type === 'TeamDirectoryChanged') {
      return { ...state, externalId: event.data.externalId };
    }
    const values =
      event.type === 'TeamManagerChanged'
        ? { ...state.values, managerId: event.data.managerId }
        : state.values;
    return { ...state, values, memberIds: foldMembers(memberIds, event) };
  },
  status: (state) => state.status,
  owner: (state) => (state.status === 'absent' ? null : state.ownerId),
};

export function membersOf(state: TeamState): readonly string[] {
  return state.status === 'absent' ? [] : state.memberIds;
}

/** Everybody who works in a team at present: its manager and its members. */
export function peopleOf(state: TeamState): readonly string[] {
  if (state.status !== 'active') return [];
  const { managerId } = state.values;
  return managerId ? [managerId, ...state.memberIds] : state.memberIds;
}

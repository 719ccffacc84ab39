import type { Aggregate } from '#kernel/aggregate';
import { roleEvents, type RoleEvent, type RoleValues } from '#event-schemas/identity/role.events';

/** A role there is or was, and the people who have it. */
export interface Role {
  readonly status: 'active' | 'deleted';
  readonly values: RoleValues;
  readonly memberIds: readonly string[];
}
export type RoleState = { readonly status: 'absent' } | Role;

/** A role of the workspace's own: permissions people have beside their system role. */
export const role: Aggregate<RoleState, RoleEvent> = {
  category: 'role',
  stateVersion: 1,
  initial: { status: 'absent' },
  events: roleEvents,
  evolve(state, event): RoleState {
    if (event.type === 'RoleCreated') {
      const { roleId: _id, ...values } = event.data;
      return { status: 'active', values, memberIds: [] };
    }
    if (state.status === 'absent') return state;
    switch (event.type) {
      case 'RoleChanged': {
        const { roleId: _id, ...changes } = event.data;
        return { ...state, values: { ...state.values, ...changes } as RoleValues };
      }
      case 'RoleDeleted':
        return { ...state, status: 'deleted' };
      case 'RoleRestored':
        return { ...state, status: 'active' };
      case 'RoleGiven':
        return { ...state, memberIds: [...state.memberIds, event.data.userId] };
      case 'RoleTaken': {
        const { userId } = event.data;
        return { ...state, memberIds: state.memberIds.filter((id) => id !== userId) };
      }
    }
  },
  status: (state) => state.status,
};

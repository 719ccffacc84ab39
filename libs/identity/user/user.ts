import type { DirectoryValues } from '#event-schemas/identity/user-directory.events';
import type { Aggregate } from '#kernel/aggregate';
import { emptyFields } from '#kernel/fields';
import {
  emailKey,
  userEvents,
  userFields,
  type EnabledStatus,
  type UserEvent,
  type UserRole,
  type UserValues,
} from '#event-schemas/identity/user.events';

/** What is known of everybody, whatever their situation. */
export interface Person {
  readonly id: string;
  readonly values: UserValues;
  readonly role: UserRole;
  /** Whether the present e-mail address was proven to be theirs. */
  readonly emailVerified: boolean;
  /** What a directory said about them, where one did. */
  readonly directory?: Partial<DirectoryValues>;
  /** Whether the directory took them out; it does not see them until they are back. */
  readonly isRemoved?: true;
}

export type UserState =
  | { readonly status: 'absent' }
  | (Person & { readonly status: EnabledStatus })
  /** `before` is the situation a reactivation brings back. */
  | (Person & { readonly status: 'deactivated'; readonly before: EnabledStatus });

function changed(person: Person, data: Readonly<Record<string, unknown>>): Person {
  const { userId: _id, ...given } = data;
  const values = { ...person.values, ...given } as UserValues;
  const sameAddress = emailKey(values.email ?? '') === emailKey(person.values.email ?? '');
  const changes = { values, emailVerified: person.emailVerified && sameAddress };
  if (!person.directory || !('firstName' in data || 'lastName' in data)) {
    return { ...person, ...changes };
  }
  // A name that was written out is that of before once its parts change.
  return { ...person, ...changes, directory: { ...person.directory, formattedName: null } };
}

/** Whoever a directory took out is back. */
function seen<State extends Person>(state: State): State {
  const { isRemoved: _removed, ...rest } = state;
  return rest as unknown as State;
}

/** A person of the workspace: may own records, and sign in once active. */
export const user: Aggregate<UserState, UserEvent> = {
  category: 'user',
  stateVersion: 3,
  initial: { status: 'absent' },
  events: userEvents,
  evolve(state, event) {
    if (event.type === 'UserCreated') {
      const { userId: id, role, status, ...given } = event.data;
      const values = { ...emptyFields(userFields), ...given };
      return { status, id, role, values, emailVerified: false };
    }
    if (state.status === 'absent') return state;
    switch (event.type) {
      case 'UserChanged':
        return { ...state, ...changed(state, event.data) };
      case 'UserRoleChanged':
        return { ...state, role: event.data.role };
      case 'UserActivated':
        return { ...state, status: 'active' };
      case 'UserEmailVerified':
        return { ...state, emailVerified: true };
      case 'UserDeactivated':
        return state.status === 'deactivated'
          ? state
          : { ...state, status: 'deactivated', before: state.status };
      case 'UserReactivated': {
        const { before: _before, ...person } = seen(state) as Person & { before?: EnabledStatus };
        return { ...person, status: event.data.status };
      }
      case 'UserDirectoryChanged': {
        const { userId: _id, scimConnectionId: _from, ...given } = event.data;
        return { ...seen(state), directory: { ...state.directory, ...given } };
      }
      case 'UserDirectoryRemoved':
        return { ...state, isRemoved: true };
      case 'UserSignedIn':
      case 'UserSignInFailed':
      case 'UserSignedOut':
      case 'UserPasswordChanged':
      case 'UserFactorAdded':
      case 'UserFactorRemoved':
      case 'UserFactorsReset':
      case 'UserFactorProved':
      case 'UserFactorRefused':
      case 'UserRecoveryCodesIssued':
      case 'UserApiKeyMade':
      case 'UserApiKeyRotated':
      case 'UserApiKeyRevoked':
      case 'UserPasswordResetRequested':
      case 'UserEmailChangeRequested':
      case 'UserIdentityLinked':
        return state;
    }
  },
  status(state) {
    if (state.status === 'absent') return 'absent';
    return state.status === 'deactivated' ? 'archived' : 'active';
  },
  owner: (state) => (state.status === 'absent' ? null : state.id),
};

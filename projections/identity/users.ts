import {
  emailKey,
  userFields,
  userRoles,
  userStatuses,
  type UserEvent,
} from '#event-schemas/identity/user.events';
import { choice, emptyFields, flag, instant, text } from '#kernel/fields';
import { readModel, type Row } from '#kernel/read-model';

/** First and last name in one, as lists and references show a person. */
function fullName(row: Row): string {
  return [row['firstName'], row['lastName']].filter(Boolean).join(' ');
}

function changed(row: Row, data: Row): Row {
  const { userId: _id, ...given } = data;
  const after = { ...row, ...given };
  const key = (one: Row) => emailKey((one['email'] as string | null | undefined) ?? '');
  const isVerified = row['isVerified'] === true && key(row) === key(after);
  return { ...after, fullName: fullName(after), isVerified };
}

/** People of the workspace, whether or not they can sign in. */
export const users = readModel<UserEvent>({
  name: 'users',
  record: 'user',
  category: 'user',
  version: 1,
  description: 'People of the workspace, with their role and whether they may sign in.',
  fields: {
    ...userFields.required,
    ...userFields.optional,
    fullName: text(201, { personal: true, description: 'First and last name.' }),
    role: choice(userRoles, { description: 'What the person may do.' }),
    status: choice(userStatuses, { description: 'Whether the person was invited and is active.' }),
    isActive: flag({ description: 'Whether the person may sign in.' }),
    isVerified: flag({ description: 'Whether the e-mail address was proven to be theirs.' }),
    lastLoginAt: instant({ description: 'When the person signed in last.' }),
  },
  filterable: [
    'firstName',
    'lastName',
    'fullName',
    'email',
    'title',
    'phone',
    'role',
    'status',
    'isActive',
    'isVerified',
    'lastLoginAt',
  ],
  sortable: ['fullName', 'firstName', 'lastName', 'email', 'role', 'status', 'lastLoginAt'],
  searchable: ['fullName', 'email', 'title'],
  lookups: ['email'],
  owner: 'id',
  label: 'fullName',
  defaultSort: 'fullName',
  evolve(before, event) {
    const at = event.envelope.occurredAt.toISOString();
    const row = before ?? {};
    switch (event.type) {
      case 'UserCreated': {
        const isActive = event.data.status === 'active';
        const none = { isActive, isVerified: false, lastLoginAt: null };
        const marks = { archivedAt: null, deletedAt: null };
        return changed({ ...emptyFields(userFields), ...none, ...marks }, event.data);
      }
      case 'UserChanged':
        return changed(row, event.data);
      case 'UserRoleChanged':
        return { ...row, role: event.data.role };
      case 'UserActivated':
        return { ...row, status: 'active', isActive: true };
      case 'UserEmailVerified':
        return { ...row, isVerified: true };
      case 'UserDeactivated':
        return { ...row, status: 'deactivated', isActive: false, archivedAt: at };
      case 'UserReactivated': {
        const { status } = event.data;
        return { ...row, status, isActive: status === 'active', archivedAt: null };
      }
      case 'UserSignedIn':
        return { ...row, lastLoginAt: at };
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
        return row;
    }
  },
});

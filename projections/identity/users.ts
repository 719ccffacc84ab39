import { directoryFields } from '#event-schemas/identity/user-directory.events';
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
  version: 3,
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
    ...directoryFields.optional,
    directoryRemovedAt: instant({ description: 'When a directory took the person out.' }),
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
    'externalId',
    'department',
    'managerId',
  ],
  sortable: ['fullName', 'firstName', 'lastName', 'email', 'role', 'status', 'lastLoginAt'],
  searchable: ['fullName', 'email', 'title'],
  lookups: ['email'],
  references: { managerId: 'users' },
  owner: 'id',
  label: 'fullName',
  defaultSort: 'fullName',
  evolve(before, event) {
    const at = event.envelope.occurredAt.toISOString();
    const row = before ?? {};
    switch (event.type) {
      case 'UserCreated': {
        const isActive = event.data.status === 'active';
        const directory = { ...emptyFields(directoryFields), directoryRemovedAt: null };
        const none = { isActive, isVerified: false, lastLoginAt: null, ...directory };
        const marks = { archivedAt: null, deletedAt: null };
        return changed({ ...emptyFields(userFields), ...none, ...marks }, event.data);
      }
      case 'UserChanged': {
        // A name that was written out is that of before once its parts change.
        const renamed = 'firstName' in event.data || 'lastName' in event.data;
        return changed(renamed ? { ...row, formattedName: null } : row, event.data);
      }
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
        return {
          ...row,
          status,
          isActive: status === 'active',
          archivedAt: null,
          directoryRemovedAt: null,
        };
      }
      case 'UserDirectoryChanged': {
        const { userId: _id, scimConnectionId: _from, ...given } = event.data;
        return { ...row, ...given, directoryRemovedAt: null };
      }
      case 'UserDirectoryRemoved':
        return { ...row, directoryRemovedAt: at };
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

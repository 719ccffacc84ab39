import {
  MAX_GRANTS,
  roleFields,
  roleGrant,
  type RoleEvent,
} from '#event-schemas/identity/role.events';
import { list, uuid } from '#kernel/fields';
import { readModel, type Row } from '#kernel/read-model';

/** Roles of the workspace's own, what they allow and who has them. */
export const roles = readModel<RoleEvent>({
  name: 'roles',
  record: 'role',
  category: 'role',
  version: 1,
  description: 'Roles beside the system roles: what they allow, and who has them.',
  fields: {
    ...roleFields.required,
    ...roleFields.optional,
    grants: list(roleGrant(), MAX_GRANTS, { description: 'What the role allows.' }),
    memberIds: list(uuid(), 1_000, { description: 'People who have the role.' }),
  },
  filterable: ['name'],
  sortable: ['name'],
  searchable: ['name', 'description'],
  references: { memberIds: 'users' },
  owner: null,
  label: 'name',
  defaultSort: 'name',
  evolve(before, event): Row {
    const row = before ?? {};
    const members = (row['memberIds'] ?? []) as readonly string[];
    switch (event.type) {
      case 'RoleCreated': {
        const { roleId: _id, ...values } = event.data;
        return { ...values, memberIds: [] };
      }
      case 'RoleChanged': {
        const { roleId: _id, ...changes } = event.data;
        return { ...row, ...changes };
      }
      case 'RoleDeleted':
        return { ...row, deletedAt: event.envelope.occurredAt.toISOString() };
      case 'RoleRestored':
        return { ...row, deletedAt: null };
      case 'RoleGiven':
        return { ...row, memberIds: [...members, event.data.userId] };
      case 'RoleTaken':
        return { ...row, memberIds: members.filter((id) => id !== event.data.userId) };
    }
  },
});

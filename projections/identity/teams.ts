import {
  foldMembers,
  teamFields,
  teamLife,
  type TeamEvent,
} from '#event-schemas/identity/team.events';
import { list, text, uuid } from '#kernel/fields';
import { readModel } from '#kernel/read-model';

/** Teams with the people in them. */
export const teams = readModel<TeamEvent>({
  name: 'teams',
  record: 'team',
  category: 'team',
  version: 2,
  description: 'People who work together, and who leads them.',
  fields: {
    ...teamFields.required,
    ...teamFields.optional,
    memberIds: list(uuid(), 500, { description: 'People in the team.' }),
    externalId: text(255, { description: 'Id a directory gave the team.' }),
  },
  filterable: ['name', 'region', 'managerId', 'externalId'],
  sortable: ['name', 'region'],
  searchable: ['name', 'region'],
  lookups: ['name'],
  references: { managerId: 'users', memberIds: 'users' },
  owner: 'ownerId',
  label: 'name',
  defaultSort: 'name',
  evolve(row, event) {
    const memberIds = (row?.['memberIds'] as readonly string[] | undefined) ?? [];
    if (teamLife.isLife(event)) {
      const own = { memberIds, externalId: row?.['externalId'] ?? null };
      return { ...own, ...teamLife.foldRow(row, event, event.envelope.occurredAt) };
    }
    if (event.type === 'TeamManagerChanged') {
      return { ...row, managerId: event.data.managerId };
    }
    if (event.type === 'TeamDirectoryChanged') {
      return { ...row, externalId: event.data.externalId };
    }
    return { ...row, memberIds: foldMembers(memberIds, event) };
  },
});

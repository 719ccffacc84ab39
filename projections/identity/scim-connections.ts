import {
  scimConnectionFields,
  scimConnectionLife,
  type ScimConnectionEvent,
} from '#event-schemas/identity/scim-connection.events';
import { instant } from '#kernel/fields';
import { readModel } from '#kernel/read-model';

/** Directories that provision people and teams, as administrators see them. */
export const scimConnections = readModel<ScimConnectionEvent>({
  name: 'scimConnections',
  record: 'scim_connection',
  category: 'scim_connection',
  version: 1,
  description: 'Directories that add, change and remove people and teams by SCIM.',
  fields: {
    ...scimConnectionFields.required,
    ...scimConnectionFields.optional,
    tokenExpiresAt: instant({ description: 'When its token runs out; null without one.' }),
  },
  filterable: ['name', 'tokenExpiresAt'],
  sortable: ['name'],
  searchable: ['name'],
  lookups: ['name'],
  owner: 'ownerId',
  label: 'name',
  defaultSort: 'name',
  evolve(row, event) {
    const own = { tokenExpiresAt: row?.['tokenExpiresAt'] ?? null };
    if (scimConnectionLife.isLife(event)) {
      return { ...own, ...scimConnectionLife.foldRow(row, event, event.envelope.occurredAt) };
    }
    switch (event.type) {
      case 'ScimTokenMade':
        return { ...row, tokenExpiresAt: event.data.expiresAt };
      case 'ScimTokenRevoked':
        return { ...row, tokenExpiresAt: null };
    }
  },
});

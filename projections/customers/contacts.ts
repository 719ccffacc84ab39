import {
  contactFields,
  contactLife,
  type ContactEvent,
} from '#event-schemas/customers/contact.events';
import { nullable, text } from '#kernel/fields';
import { readModel, type Row } from '#kernel/read-model';
import { sharingColumns } from '#kernel/sharing';

/** Contacts and leads as lists, records and reports read them. */
export const contacts = readModel<ContactEvent>({
  name: 'contacts',
  record: 'contact',
  category: 'contact',
  version: 2,
  description: 'People you are in touch with, leads included.',
  fields: {
    fullName: nullable(text(201, { personal: true, description: 'First and last name.' })),
    ...contactFields.required,
    ...contactFields.optional,
    ...sharingColumns,
  },
  filterable: [
    'fullName',
    'firstName',
    'lastName',
    'email',
    'phone',
    'mobile',
    'title',
    'department',
    'companyId',
    'contactStatus',
    'leadSource',
    'leadStatus',
    'lifecycleStage',
    'leadScore',
    'lastContactedAt',
    'addressCity',
    'addressState',
    'addressCountry',
    'sharedWith',
  ],
  sortable: [
    'fullName',
    'firstName',
    'lastName',
    'email',
    'title',
    'leadSource',
    'leadScore',
    'lastContactedAt',
  ],
  searchable: ['fullName', 'email', 'phone', 'mobile', 'title', 'department', 'addressCity'],
  lookups: ['email'],
  references: { companyId: 'companies' },
  owner: 'ownerId',
  label: 'fullName',
  evolve(row, event) {
    const next: Row = contactLife.foldRow(row, event, event.envelope.occurredAt);
    // The names of an erased contact are gone, and with them this one.
    const names = [next['firstName'], next['lastName']].filter(Boolean);
    return { ...next, fullName: names.length > 0 ? names.join(' ') : null };
  },
});

import { contactLife } from '#event-schemas/customers/contact.events';
import { recordCommands } from '#kernel/record-commands';
import { contact } from './contact.js';

/** Every command a contact takes. */
export const contactCommands = Object.values(
  recordCommands(contact, contactLife, {
    collection: 'contacts',
    names: {
      create: 'CreateContact',
      change: 'ChangeContact',
      archive: 'ArchiveContact',
      restore: 'RestoreContact',
      delete: 'DeleteContact',
      changeTags: 'ChangeContactTags',
      changeOwner: 'ChangeContactOwner',
    },
    references: { companyId: 'company' },
    // People share names, even at one company, but seldom a mailbox.
    duplicates: [
      { readModel: 'contacts', fields: ['email'], severity: 'refuse' },
      { readModel: 'contacts', fields: ['firstName', 'lastName', 'companyId'], severity: 'warn' },
    ],
    complete: ({ contactStatus, leadScore }) => ({
      contactStatus: contactStatus ?? 'active',
      leadScore: leadScore ?? 0,
    }),
  }),
);

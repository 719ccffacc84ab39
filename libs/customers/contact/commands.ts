import { contactLife } from '#event-schemas/customers/contact.events';
import { commandList } from '#kernel/command';
import { recordCommands } from '#kernel/record-commands';
import { sharingCommands } from '#kernel/record-sharing';
import { contact } from './contact.js';

const life = recordCommands(contact, contactLife, {
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
});

/** Every command a contact takes. */
export const contactCommands = commandList(
  ...Object.values(life),
  ...sharingCommands(contact, contactLife, {
    collection: 'contacts',
    names: { share: 'ShareContact', end: 'EndContactSharing' },
  }),
);

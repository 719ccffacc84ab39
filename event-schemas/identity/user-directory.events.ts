import { defineEvent } from '#kernel/event';
import { object, recordFields, text, uuid, type FieldValues } from '#kernel/fields';

/** What a directory that provisions people keeps about them, beside the fields everybody has. */
export const directoryFields = recordFields(
  {},
  {
    userName: text(255, { personal: true, description: 'Name the directory knows them by.' }),
    externalId: text(255, { personal: true, description: 'Id the directory gave them.' }),
    displayName: text(255, { personal: true, description: 'Name the directory shows.' }),
    formattedName: text(255, {
      personal: true,
      description: 'Name as the directory writes it out, where it does not follow from its parts.',
    }),
    employeeNumber: text(100, { personal: true, description: 'Number in the organisation.' }),
    costCenter: text(255, { description: 'Cost centre, as the directory says.' }),
    organization: text(255, { description: 'Organisation, as the directory says.' }),
    division: text(255, { description: 'Division, as the directory says.' }),
    department: text(255, { description: 'Department, as the directory says.' }),
    managerId: uuid({ description: 'Whom they report to, as the directory says.' }),
  },
);
export type DirectoryValues = FieldValues<typeof directoryFields>;

/** How names of a directory are compared. */
export function userNameKey(userName: string): string {
  return userName.trim().normalize('NFC').toLowerCase();
}

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const SAMPLE_CONNECTION = '01890a5d-ac96-774b-bcce-b302099a805d';
const userId = uuid();
const scimConnectionId = uuid({ description: 'The SCIM connection that said so.' });

/** What directories say about a person. */
export const userDirectoryEvents = {
  directoryChanged: defineEvent({
    type: 'UserDirectoryChanged',
    action: 'directory_changed',
    subject: 'userId',
    // Since version 2 a directory may write the whole name out.
    version: 2,
    upcasters: { 1: (data) => [data] },
    schema: object({ userId, scimConnectionId, ...directoryFields.change }),
    samples: {
      1: {
        userId: SAMPLE_ID,
        scimConnectionId: SAMPLE_CONNECTION,
        userName: 'gbelson',
        externalId: '00u1gavin',
        department: 'Board',
        costCenter: null,
      },
      2: {
        userId: SAMPLE_ID,
        scimConnectionId: SAMPLE_CONNECTION,
        userName: 'gbelson',
        formattedName: 'Mr. Gavin Belson III',
      },
    },
  }),
  directoryRemoved: defineEvent({
    type: 'UserDirectoryRemoved',
    action: 'directory_removed',
    schema: object({ userId, scimConnectionId }),
    samples: { 1: { userId: SAMPLE_ID, scimConnectionId: SAMPLE_CONNECTION } },
  }),
} as const;

import type { RecordFields } from '../../../data/generated/graphql';
import { choices, recordType, type Step } from '../record-type';

const roles = ['admin', 'manager', 'member', 'viewer'];
const menu = { permission: 'users:administer', inMenu: true } as const;

const changeRole = roles.map((role): Step => ({
  ...menu,
  command: 'changeUserRole',
  label: `Make ${role}`,
  icon: 'lock',
  input: { role },
  when: (row) => row['role'] !== role && row['status'] !== 'deactivated',
}));

export const user = recordType<RecordFields['User']>()({
  collection: 'users',
  record: 'user',
  one: 'person',
  many: 'people',
  icon: 'user',
  key: 'u',
  purpose: 'Everybody in this workspace, with their role and whether they may sign in.',
  fields: [
    { name: 'fullName', label: 'Name', kind: 'text', sort: true, edit: false, width: 220 },
    { name: 'firstName', label: 'First name', kind: 'text', sort: true, required: true },
    { name: 'lastName', label: 'Last name', kind: 'text', sort: true, required: true },
    { name: 'email', label: 'E-mail', kind: 'email', filter: true, sort: true, width: 240 },
    {
      name: 'role',
      label: 'Role',
      kind: 'choice',
      filter: true,
      sort: true,
      edit: false,
      width: 110,
      choices: choices(
        ['owner', 'violet'],
        ['admin', 'blue'],
        ['manager', 'teal'],
        ['member', 'gray'],
        ['viewer', 'gray'],
      ),
    },
    {
      name: 'status',
      label: 'Status',
      kind: 'choice',
      filter: true,
      sort: true,
      edit: false,
      width: 120,
      choices: choices(
        ['not_invited', 'gray'],
        ['invited', 'amber'],
        ['active', 'green'],
        ['deactivated', 'red'],
      ),
    },
    { name: 'title', label: 'Job title', kind: 'text', filter: true, width: 180 },
    { name: 'phone', label: 'Phone', kind: 'phone', filter: true, width: 140 },
    {
      name: 'lastLoginAt',
      label: 'Last sign-in',
      kind: 'instant',
      filter: true,
      sort: true,
      edit: false,
      width: 130,
    },
    { name: 'locale', label: 'Language', kind: 'text', width: 100 },
    { name: 'timeZone', label: 'Time zone', kind: 'text', width: 140 },
  ],
  columns: ['fullName', 'role', 'status', 'email', 'title', 'lastLoginAt'],
  sort: 'fullName',
  head: ['role', 'status', 'title'],
  sections: [
    {
      title: 'Person',
      fields: ['firstName', 'lastName', 'title', 'email', 'phone', 'role', 'status'],
    },
    { title: 'Settings', fields: ['locale', 'timeZone', 'lastLoginAt', 'createdAt'] },
  ],
  create: ['firstName', 'lastName', 'email', 'title', 'phone'],
  related: [
    {
      collection: 'deals',
      title: 'Deals',
      by: 'ownerId',
      columns: ['name', 'stageId', 'amount', 'expectedCloseDate'],
    },
    {
      collection: 'companies',
      title: 'Companies',
      by: 'ownerId',
      columns: ['name', 'companyStatus', 'industry'],
    },
  ],
  steps: [
    {
      command: 'deactivateUser',
      label: 'Deactivate',
      icon: 'lock',
      ...menu,
      input: {},
      undo: 'reactivateUser',
      when: ({ status }) => status !== 'deactivated',
    },
    {
      command: 'reactivateUser',
      label: 'Reactivate',
      icon: 'restore',
      ...menu,
      when: ({ status }) => status === 'deactivated',
    },
    ...changeRole,
  ],
  life: false,
});

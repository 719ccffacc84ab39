import {
  companyFields,
  companyLife,
  type CompanyEvent,
} from '#event-schemas/customers/company.events';
import { readModel } from '#kernel/read-model';
import { sharingColumns } from '#kernel/sharing';

/** Companies as lists, records and reports read them. */
export const companies = readModel<CompanyEvent>({
  name: 'companies',
  record: 'company',
  category: 'company',
  version: 2,
  description: 'Organisations you sell to, also called accounts.',
  fields: { ...companyFields.required, ...companyFields.optional, ...sharingColumns },
  filterable: [
    'name',
    'slug',
    'parentId',
    'industry',
    'companySize',
    'companyStatus',
    'website',
    'email',
    'annualRevenue',
    'employeeCount',
    'foundedYear',
    'addressCity',
    'addressState',
    'addressCountry',
    'sharedWith',
  ],
  sortable: ['name', 'industry', 'annualRevenue', 'employeeCount', 'foundedYear'],
  searchable: ['name', 'website', 'email', 'addressCity', 'industry'],
  lookups: ['name'],
  references: { parentId: 'companies' },
  owner: 'ownerId',
  label: 'name',
  evolve: (row, event) => companyLife.foldRow(row, event, event.envelope.occurredAt),
});

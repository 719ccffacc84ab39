import {
  address,
  choice,
  email,
  integer,
  money,
  recordFields,
  text,
  url,
  uuid,
} from '#kernel/fields';
import { recordLife } from '#kernel/record-life';

/** The fields of a company (also called account), as commands, events and read models share them. */
export const companyFields = recordFields(
  { name: text(255, { description: 'Name of the organisation.', examples: ['Hooli'] }) },
  {
    slug: text(100, { description: 'Short name for links.' }),
    parentId: uuid({ description: 'Company this one belongs to.' }),
    industry: text(100, { description: 'Branch, for example software.' }),
    companySize: choice(['1-10', '11-50', '51-200', '201-500', '500+'], {
      description: 'Number of people, as a range.',
    }),
    companyStatus: choice(['lead', 'prospect', 'customer', 'churned'], {
      description: 'Where the relationship stands.',
    }),
    website: url(),
    phone: text(50),
    email: email(),
    annualRevenue: money({ description: 'Revenue in a year, in minor units.' }),
    employeeCount: integer(0, 100_000_000),
    foundedYear: integer(1000, 2999),
    addressStreet: text(255),
    addressCity: text(100),
    addressState: text(100),
    addressPostalCode: text(20),
    addressCountry: text(100),
    billingAddress: address(),
    shippingAddress: address(),
    description: text(10_000),
  },
);

export const companyLife = recordLife({
  record: 'company',
  names: {
    created: 'CompanyCreated',
    changed: 'CompanyChanged',
    archived: 'CompanyArchived',
    restored: 'CompanyRestored',
    deleted: 'CompanyDeleted',
    tagsChanged: 'CompanyTagsChanged',
    ownerChanged: 'CompanyOwnerChanged',
    shared: 'CompanyShared',
    sharingEnded: 'CompanySharingEnded',
  },
  fields: companyFields,
  samples: {
    created: { name: 'Hooli', industry: 'software', companyStatus: 'customer' },
    changed: { employeeCount: 2822, addressCountry: 'United States' },
  },
});

export type CompanyEvent = Parameters<typeof companyLife.foldState>[1];
export const companyEvents = companyLife.events;

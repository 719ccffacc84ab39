import { companyLife } from '#event-schemas/customers/company.events';
import { chainOf, commandList } from '#kernel/command';
import { recordCommands } from '#kernel/record-commands';
import { sharingCommands } from '#kernel/record-sharing';
import { refuseWith } from '#kernel/refusal';
import { company, type CompanyState } from './company.js';

const refuse = refuseWith({
  PARENT_CYCLE: {
    category: 'rule',
    message: 'A company cannot belong to itself or to one of its subsidiaries.',
  },
});

const parentOf = (state: CompanyState) =>
  state.status === 'absent' ? null : state.values.parentId;

const life = recordCommands(company, companyLife, {
  collection: 'companies',
  names: {
    create: 'CreateCompany',
    change: 'ChangeCompany',
    archive: 'ArchiveCompany',
    restore: 'RestoreCompany',
    delete: 'DeleteCompany',
    changeTags: 'ChangeCompanyTags',
    changeOwner: 'ChangeCompanyOwner',
  },
  references: { parentId: 'company' },
  duplicates: [{ readModel: 'companies', fields: ['name'], severity: 'warn' }],
  facts: ({ parentId }) =>
    typeof parentId === 'string' ? { chain: chainOf(company, parentId, parentOf) } : {},
  check: ({ parentId }, _before, { facts, id }) =>
    parentId && (facts['chain'] as readonly string[] | undefined)?.includes(id)
      ? refuse('PARENT_CYCLE', {
          field: 'parentId',
          rule: 'hierarchy',
          message: 'parentId names the company itself or one of its subsidiaries.',
          remedy: 'Choose a company outside this hierarchy, or null.',
          value: parentId,
        })
      : undefined,
});

/** Every command a company takes. */
export const companyCommands = commandList(
  ...Object.values(life),
  ...sharingCommands(company, companyLife, {
    collection: 'companies',
    names: { share: 'ShareCompany', end: 'EndCompanySharing' },
  }),
);

import {
  identityProviderFields,
  identityProviderLife,
  ssoRefusals,
  type IdentityProviderEvent,
} from '#event-schemas/identity/identity-provider.events';
import { choice, flag, instant } from '#kernel/fields';
import { readModel } from '#kernel/read-model';

/** Where people of the workspace sign in from outside, as its administrators see them. */
export const identityProviders = readModel<IdentityProviderEvent>({
  name: 'identityProviders',
  record: 'identity_provider',
  category: 'identity_provider',
  version: 1,
  description: 'Identity providers people may sign in through.',
  fields: {
    ...identityProviderFields.required,
    ...identityProviderFields.optional,
    hasSecret: flag({ description: 'Whether a client secret was given.' }),
    lastRefusal: choice(ssoRefusals, { description: 'Which check refused a sign-in last.' }),
    lastRefusedAt: instant({ description: 'When a sign-in through it was refused last.' }),
  },
  filterable: ['name', 'kind', 'isActive', 'isForced'],
  sortable: ['name', 'kind'],
  searchable: ['name'],
  lookups: ['name'],
  references: { breakGlassIds: 'users' },
  owner: 'ownerId',
  label: 'name',
  defaultSort: 'name',
  evolve(row, event) {
    const own = {
      hasSecret: row?.['hasSecret'] ?? false,
      lastRefusal: row?.['lastRefusal'] ?? null,
      lastRefusedAt: row?.['lastRefusedAt'] ?? null,
    };
    if (identityProviderLife.isLife(event)) {
      return { ...own, ...identityProviderLife.foldRow(row, event, event.envelope.occurredAt) };
    }
    switch (event.type) {
      case 'IdentityProviderSecretChanged':
        return { ...row, ...own, hasSecret: true };
      case 'IdentityProviderSignInRefused':
        return {
          ...row,
          ...own,
          lastRefusal: event.data.reason,
          lastRefusedAt: event.envelope.occurredAt.toISOString(),
        };
    }
  },
});

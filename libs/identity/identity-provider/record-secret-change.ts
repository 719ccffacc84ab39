import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { requireActive } from '#kernel/record-rules';
import type { IdentityProviderEvent } from '#event-schemas/identity/identity-provider.events';
import { belowAdministrator } from '../access/grants.js';
import { identityProvider } from './identity-provider.js';

export const recordSecretChange = defineCommand({
  name: 'RecordSecretChange',
  description: 'Keeps that the client secret of a provider was replaced.',
  aggregate: identityProvider,
  permission: 'identityProviders:update',
  internal: true,
  rest: { method: 'POST', path: '/identityProviders/:id/secret-changes' },
  input: object({}),
  decide(_command, state, ctx): Decision<IdentityProviderEvent> {
    const refused = belowAdministrator(ctx) ?? requireActive(state);
    if (refused) return refused;
    const data = { identityProviderId: ctx.id };
    return [{ type: 'IdentityProviderSecretChanged', data }];
  },
  inverse: { irreversible: 'The secret before is not kept; give it again.' },
});

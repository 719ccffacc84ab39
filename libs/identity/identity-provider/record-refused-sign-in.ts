import { defineCommand, type Decision } from '#kernel/command';
import { choice, object } from '#kernel/fields';
import {
  ssoRefusals,
  type IdentityProviderEvent,
} from '#event-schemas/identity/identity-provider.events';
import { identityProvider } from './identity-provider.js';
import { refuse } from './rules.js';

export const recordRefusedSignIn = defineCommand({
  name: 'RecordRefusedSignIn',
  description: 'Keeps that a sign-in through this provider was refused, and which check failed.',
  aggregate: identityProvider,
  permission: 'identityProviders:record',
  internal: true,
  rest: { method: 'POST', path: '/identityProviders/:id/refused-sign-ins' },
  input: object({ reason: choice(ssoRefusals) }),
  decide({ reason }, state, ctx): Decision<IdentityProviderEvent> {
    if (state.status === 'absent') return refuse('NOT_FOUND');
    const data = { identityProviderId: ctx.id, reason };
    return [{ type: 'IdentityProviderSignInRefused', data }];
  },
  inverse: { irreversible: 'The attempt was made.' },
});

import type { Aggregate } from '#kernel/aggregate';
import type { Living } from '#kernel/record-life';
import {
  identityProviderEvents,
  identityProviderLife,
  type IdentityProviderEvent,
  type IdentityProviderValues,
} from '#event-schemas/identity/identity-provider.events';

export type IdentityProviderState =
  | { readonly status: 'absent' }
  | (Living<IdentityProviderValues> & {
      /** Whether a client secret was given; the secret itself lies sealed beside the log. */
      readonly hasSecret: boolean;
    });

/** A place outside the workspace that says who somebody is. */
export const identityProvider: Aggregate<IdentityProviderState, IdentityProviderEvent> = {
  category: 'identity_provider',
  stateVersion: 1,
  initial: { status: 'absent' },
  events: identityProviderEvents,
  evolve(state, event) {
    const hasSecret = state.status !== 'absent' && state.hasSecret;
    if (identityProviderLife.isLife(event)) {
      return { ...identityProviderLife.foldState(state, event), hasSecret };
    }
    if (state.status === 'absent') return state;
    switch (event.type) {
      case 'IdentityProviderSecretChanged':
        return { ...state, hasSecret: true };
      case 'IdentityProviderSignInRefused':
        return state;
    }
  },
  status: (state) => state.status,
  owner: (state) => (state.status === 'absent' ? null : state.ownerId),
};

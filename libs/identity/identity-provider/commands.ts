import {
  identityProviderLife,
  type IdentityProviderValues,
} from '#event-schemas/identity/identity-provider.events';
import { commandList } from '#kernel/command';
import { recordCommands } from '#kernel/record-commands';
import { belowAdministrator } from '../access/grants.js';
import { identityProvider, type IdentityProviderState } from './identity-provider.js';
import { linkIdentity } from './link-identity.js';
import { recordRefusedSignIn } from './record-refused-sign-in.js';
import { recordSecretChange } from './record-secret-change.js';
import { breakGlassFacts, providerProblem } from './rules.js';

/** The break-glass owners there would be after the command. */
function breakGlassAfter(command: Readonly<Record<string, unknown>>, state: IdentityProviderState) {
  const before = state.status === 'absent' ? null : state.values.breakGlassIds;
  const given = command['breakGlassIds'] as IdentityProviderValues['breakGlassIds'] | undefined;
  return given === undefined ? before : given;
}

const life = recordCommands(identityProvider, identityProviderLife, {
  collection: 'identityProviders',
  names: {
    create: 'CreateIdentityProvider',
    change: 'ChangeIdentityProvider',
    archive: 'ArchiveIdentityProvider',
    restore: 'RestoreIdentityProvider',
    delete: 'DeleteIdentityProvider',
    changeTags: 'ChangeIdentityProviderTags',
    changeOwner: 'ChangeIdentityProviderOwner',
  },
  facts: (command, state) => breakGlassFacts(breakGlassAfter(command, state)),
  check: (values, _before, ctx) => belowAdministrator(ctx) ?? providerProblem(values, ctx.facts),
});

/** Every command an identity provider takes, and the one that ties a person to it. */
export const identityProviderCommands = commandList(
  // Whoever changes how people sign in could sign in as any of them.
  ...Object.values(life).map((command) => ({ ...command, stepUp: true as const })),
  recordRefusedSignIn,
  recordSecretChange,
  linkIdentity,
);

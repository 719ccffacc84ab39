import { defineEvent, type EventOf } from '#kernel/event';
import {
  choice,
  flag,
  list,
  object,
  recordFields,
  text,
  Type,
  url,
  uuid,
  type FieldValues,
  type Static,
} from '#kernel/fields';
import { recordLife } from '#kernel/record-life';

export const providerKinds = ['saml', 'oidc'] as const;
export type ProviderKind = (typeof providerKinds)[number];
export const providerPresets = ['okta', 'auth0', 'entra', 'google'] as const;
/** Roles an identity provider may give; who owns a workspace is said in the workspace. */
export const provisionedRoles = ['admin', 'manager', 'member', 'viewer'] as const;
export type ProvisionedRole = (typeof provisionedRoles)[number];

/** A group of a directory and the role it gives. */
export const groupRole = () =>
  object(
    {
      group: text(255, { description: 'Name of the group as the identity provider sends it.' }),
      role: choice(provisionedRoles, { description: 'Role its members get.' }),
    },
    { title: 'GroupRole' },
  );
export type GroupRole = Static<ReturnType<typeof groupRole>>;

/** How an e-mail domain is written: lower case, at least one dot. */
const domain = () =>
  Type.String({
    pattern: '^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9-]{2,63}$',
    maxLength: 253,
    examples: ['hooli.com'],
  });

const attribute = (what: string, standard: string) =>
  text(255, { description: `Attribute or claim with the ${what}; ${standard} when left out.` });

/** The fields of an identity provider; its client secret is none of them. */
export const identityProviderFields = recordFields(
  {
    name: text(100, { description: 'Name people see at sign-in.', examples: ['Hooli Okta'] }),
    kind: choice(providerKinds, { description: 'SAML 2.0 or OpenID Connect.' }),
    domains: list(domain(), 50, { description: 'Domains of the e-mail addresses it speaks for.' }),
  },
  {
    isActive: flag({ description: 'Whether people may sign in through it.' }),
    preset: choice(providerPresets, { description: 'Product it runs on.' }),
    entityId: text(1000, { description: 'SAML: entity id, the Issuer of its assertions.' }),
    signOnUrl: url(2000, { description: 'SAML: address requests are sent to by redirect.' }),
    certificates: list(text(10_000), 3, {
      description: 'SAML: certificates (PEM) it signs with; two while one follows the other.',
    }),
    isResponseSigned: flag({
      description: 'SAML: whether the response must be signed as well as the assertion.',
    }),
    issuerUrl: url(1000, { description: 'OpenID Connect: issuer.' }),
    clientId: text(500, { description: 'OpenID Connect: id of this workspace as its client.' }),
    emailAttribute: attribute('e-mail address', 'email'),
    firstNameAttribute: attribute('given name', 'firstName or given_name'),
    lastNameAttribute: attribute('family name', 'lastName or family_name'),
    groupsAttribute: attribute('groups', 'groups'),
    groupRoles: list(groupRole(), 100, {
      description: 'Role by group, the first that fits; followed at each sign-in.',
    }),
    isProvisioning: flag({ description: 'Whether unknown people are added when they sign in.' }),
    provisioningRole: choice(provisionedRoles, {
      description: 'Role of people who are added and in no mapped group; member when left out.',
    }),
    isForced: flag({ description: 'Whether people of these domains sign in only through it.' }),
    breakGlassIds: list(uuid(), 10, {
      description: 'Owners who may use their password in spite of that.',
    }),
  },
);
export type IdentityProviderValues = FieldValues<typeof identityProviderFields>;

const PROVIDER_ID = '01890a5d-ac96-774b-bcce-b302099a8057';

export const identityProviderLife = recordLife({
  record: 'identityProvider',
  names: {
    created: 'IdentityProviderCreated',
    changed: 'IdentityProviderChanged',
    archived: 'IdentityProviderArchived',
    restored: 'IdentityProviderRestored',
    deleted: 'IdentityProviderDeleted',
    tagsChanged: 'IdentityProviderTagsChanged',
    ownerChanged: 'IdentityProviderOwnerChanged',
  },
  fields: identityProviderFields,
  samples: {
    created: { name: 'Hooli Okta', kind: 'saml', domains: ['hooli.com'] },
    changed: {
      isActive: true,
      entityId: 'https://idp.hooli.com/saml',
      signOnUrl: 'https://idp.hooli.com/sso',
      groupRoles: [{ group: 'crm-admins', role: 'admin' }],
    },
  },
});

/** Why a sign-in through a provider was refused, told to administrators only. */
export const ssoRefusals = [
  'message_too_large',
  'message_unreadable',
  'message_forbidden_part',
  'message_structure',
  'assertion_encrypted',
  'signature_form',
  'signature_algorithm',
  'signature_invalid',
  'status_not_success',
  'request_unknown',
  'request_of_another_browser',
  'issuer_wrong',
  'destination_wrong',
  'audience_wrong',
  'recipient_wrong',
  'time_invalid',
  'replayed',
  'subject_missing',
  'token_refused',
  'provider_unreachable',
  'email_missing',
  'email_of_another_domain',
  'email_taken',
  'person_unknown',
  'person_not_active',
] as const;
export type SsoRefusal = (typeof ssoRefusals)[number];

export const identityProviderSignInRefused = defineEvent({
  type: 'IdentityProviderSignInRefused',
  action: 'sign_in_refused',
  schema: object({
    identityProviderId: uuid(),
    reason: choice(ssoRefusals, { description: 'Which check failed.' }),
  }),
  samples: { 1: { identityProviderId: PROVIDER_ID, reason: 'issuer_wrong' } },
});
export const identityProviderSecretChanged = defineEvent({
  type: 'IdentityProviderSecretChanged',
  action: 'secret_changed',
  schema: object({ identityProviderId: uuid() }),
  samples: { 1: { identityProviderId: PROVIDER_ID } },
});

export type IdentityProviderEvent =
  | Parameters<typeof identityProviderLife.foldState>[1]
  | EventOf<typeof identityProviderSignInRefused>
  | EventOf<typeof identityProviderSecretChanged>;
export const identityProviderEvents = [
  ...identityProviderLife.events,
  identityProviderSignInRefused,
  identityProviderSecretChanged,
];

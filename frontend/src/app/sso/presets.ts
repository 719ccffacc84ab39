import type { Kind, Preset } from './providers';

/** What is to be done in a product that people sign in with. */
export interface PresetShown {
  readonly preset: Preset | null;
  readonly kind: Kind;
  readonly title: string;
  readonly issuerExample: string;
  readonly hint: string;
}

/** Products people sign in with, and the open standards for every other one. */
export const presets: readonly PresetShown[] = [
  {
    preset: 'okta',
    kind: 'oidc',
    title: 'Okta',
    issuerExample: 'https://example.okta.com',
    hint: 'In Okta add an app integration “OIDC – Web application” with the redirect address below. Add a groups claim to the id token for roles by group.',
  },
  {
    preset: 'auth0',
    kind: 'oidc',
    title: 'Auth0',
    issuerExample: 'https://example.eu.auth0.com/',
    hint: 'In Auth0 create a “Regular web application” and put the redirect address below into Allowed Callback URLs. The issuer ends with a slash.',
  },
  {
    preset: 'entra',
    kind: 'oidc',
    title: 'Microsoft Entra ID',
    issuerExample: 'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0',
    hint: 'In Entra register an application of the platform “Web” with the redirect address below. The issuer holds the id of your directory; groups arrive as object ids.',
  },
  {
    preset: 'google',
    kind: 'oidc',
    title: 'Google',
    issuerExample: 'https://accounts.google.com',
    hint: 'In the Google Cloud console create an OAuth client of the type “Web application” with the redirect address below. Google sends no groups.',
  },
  {
    preset: null,
    kind: 'oidc',
    title: 'Another OpenID Connect provider',
    issuerExample: 'https://login.example.com',
    hint: 'Register a confidential web client for the authorization code flow with the redirect address below.',
  },
  {
    preset: null,
    kind: 'saml',
    title: 'SAML 2.0',
    issuerExample: '',
    hint: 'Give your identity provider the metadata address below, or type the two addresses in. It has to sign each assertion with RSA and SHA-256.',
  },
];

/** The preset a provider was made with. */
export function presetOf(kind: Kind, preset: Preset | null): PresetShown {
  const same = presets.find((one) => one.kind === kind && one.preset === preset);
  return same ?? presets.find((one) => one.kind === kind)!;
}

/** The issuer that is the same for everybody; empty where it depends on the company. */
export function issuerOf({ preset, issuerExample }: PresetShown): string {
  return preset === 'google' ? issuerExample : '';
}

/** Domains as they are typed: one per line, or with commas. */
export function domainsOf(text: string): string[] {
  const parts = text.split(/[\s,;]+/).map((part) => part.replace(/^@/, '').toLowerCase());
  return [...new Set(parts.filter((part) => part !== ''))];
}

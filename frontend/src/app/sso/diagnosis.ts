import type { Attempt, Provider, Setup } from './providers';

/** What was wrong with an attempt, and what to do about it. */
export interface Diagnosis {
  readonly what: string;
  readonly remedy: string;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
}

type Case = Pick<Diagnosis, 'what' | 'remedy'> & {
  /** What it should have been, as far as we know it. */
  readonly expected?: (provider: Provider, setup: Setup) => string | null;
};

const MALFORMED =
  'Send us the response of the provider’s standard SAML 2.0 POST binding, unchanged.';
const AGAIN = 'Start again from here, and finish within ten minutes in this browser.';

const CASES: Readonly<Record<string, Case>> = {
  message_too_large: {
    what: 'The response is larger than 256 kB.',
    remedy: 'Have the provider send fewer attributes; a long list of groups is the usual reason.',
  },
  message_unreadable: { what: 'The response could not be read.', remedy: MALFORMED },
  message_forbidden_part: {
    what: 'The response holds a document type, a comment or an instruction.',
    remedy: 'Such parts are refused for safety. Have the provider send the response without them.',
  },
  message_structure: {
    what: 'The response is not put together as SAML 2.0 asks.',
    remedy: MALFORMED,
  },
  assertion_encrypted: {
    what: 'The assertion is encrypted.',
    remedy: 'Turn encryption of assertions off in the provider; the way here is encrypted already.',
  },
  signature_form: {
    what: 'The signature is not put together as SAML 2.0 asks.',
    remedy: 'Have the provider sign the assertion itself, once, with an enveloped signature.',
  },
  signature_algorithm: {
    what: 'The signature uses an algorithm that is not taken.',
    remedy: 'Choose RSA with SHA-256 or SHA-512 and exclusive canonicalization in the provider.',
    expected: () => 'rsa-sha256 or rsa-sha512',
  },
  signature_invalid: {
    what: 'The signature does not fit the certificates.',
    remedy:
      'Compare the fingerprints with those in the provider, and read its metadata again. With ' +
      '“The response must be signed” the provider has to sign response and assertion.',
  },
  status_not_success: {
    what: 'The provider itself refused the sign-in.',
    remedy: 'Give the person access to the application in the provider, and look into its log.',
  },
  request_unknown: { what: 'The answer belongs to no sign-in that is under way.', remedy: AGAIN },
  request_of_another_browser: {
    what: 'The answer came to another browser than the one that asked.',
    remedy: AGAIN,
  },
  issuer_wrong: {
    what: 'The answer comes from another issuer.',
    remedy: 'Set the entity id to what the provider calls itself, if that is the right provider.',
    expected: ({ entityId, issuerUrl }) => entityId ?? issuerUrl,
  },
  destination_wrong: {
    what: 'The response is meant for another address.',
    remedy: 'Set the assertion consumer service in the provider to the address expected here.',
    expected: (_provider, { acsUrl }) => acsUrl,
  },
  audience_wrong: {
    what: 'The assertion is meant for another audience.',
    remedy: 'Set our entity id (audience) in the provider to the one expected here.',
    expected: (_provider, { entityId }) => entityId,
  },
  recipient_wrong: {
    what: 'The assertion is meant for another recipient.',
    remedy: 'Set the assertion consumer service in the provider to the address expected here.',
    expected: (_provider, { acsUrl }) => acsUrl,
  },
  time_invalid: {
    what: 'The assertion is not valid at this time.',
    remedy:
      'The clocks differ by more than is allowed: have the provider’s server take its time from ' +
      'the network. The time of this attempt is by our clock.',
  },
  replayed: { what: 'The same answer was sent before.', remedy: AGAIN },
  subject_missing: {
    what: 'The assertion names nobody.',
    remedy: 'Have the provider send a NameID, best of the persistent format.',
  },
  token_refused: {
    what: 'The provider’s tokens were not accepted.',
    remedy:
      'Check client id, client secret and the redirect address in the provider; id tokens have to ' +
      'be signed by a key it publishes.',
  },
  provider_unreachable: {
    what: 'The provider could not be asked.',
    remedy: 'Check the issuer: it has to be public, with https, and publish its configuration.',
  },
  email_missing: {
    what: 'No attribute holds an e-mail address.',
    remedy: 'Have the provider send one, or name the attribute that holds it.',
  },
  email_of_another_domain: {
    what: 'The address belongs to none of the domains of this provider.',
    remedy: 'Add the domain if people of it belong to this workspace.',
    expected: ({ domains }) => domains.join(', '),
  },
  email_taken: {
    what: 'The address belongs to somebody who has to tie their account themselves.',
    remedy: 'Owners, and everybody with OpenID Connect, tie their account on their profile.',
  },
  person_unknown: {
    what: 'Nobody of this workspace fits the person, and adding people is off.',
    remedy: 'Turn adding people on, or invite the person first.',
  },
  person_not_active: {
    what: 'The person was deactivated here.',
    remedy: 'Reactivate the person if they should come in.',
  },
};

/** Says what one reason means, for every list that shows it. */
export function reasonText(reason: string): string {
  return CASES[reason]?.what ?? 'The sign-in was refused.';
}

/** Explains a refused attempt with what was expected and what was found. */
export function diagnose({ reason, found }: Attempt, provider: Provider, setup: Setup): Diagnosis {
  const one = CASES[reason ?? ''];
  if (!one) return { what: reasonText(''), remedy: AGAIN };
  const { what, remedy } = one;
  return {
    what,
    remedy,
    expected: one.expected?.(provider, setup) ?? undefined,
    found: found ?? undefined,
  };
}

/** What a test found that would keep somebody from coming in. */
export function warningsOf({ person }: Attempt, { domains, groupRoles }: Provider): string[] {
  if (!person) return [];
  const domain = person.email?.split('@').at(-1)?.toLowerCase();
  return [
    !person.email && CASES['email_missing']!.what,
    domain && !domains.includes(domain) && `${domain} is none of the domains of this provider.`,
    groupRoles?.length && !person.role && 'None of the mapped groups is among those sent.',
  ].filter((one): one is string => Boolean(one));
}

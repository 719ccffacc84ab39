import { SAML, ValidateInResponseTo, type CacheProvider } from '@node-saml/node-saml';
import { SsoProblem } from '../problem.js';
import { readAssertion, type VerifiedAssertion } from './assertion.js';
import { readMessage, type UnverifiedResponse } from './message.js';
import { childOf, SAML_ASSERTION, textOf } from './xml.js';

/** One provider of one workspace, and the addresses it knows us under. */
export interface SamlParty {
  readonly entityId: string;
  readonly signOnUrl: string;
  readonly certificates: readonly string[];
  readonly isResponseSigned: boolean;
  /** Our entity id, which names workspace and provider. */
  readonly audience: string;
  /** Our assertion consumer service, which names workspace and provider. */
  readonly acsUrl: string;
}

/** Requests that were sent to this provider and wait for their answer. */
export interface OpenRequests {
  /** When the request was sent; undefined for one that was not, or not to this provider. */
  sentAt(id: string): Promise<Date | undefined>;
}

const none: OpenRequests = { sentAt: () => Promise.resolve(undefined) };

function cacheOver(requests: OpenRequests): CacheProvider {
  return {
    saveAsync: (_key, value) => Promise.resolve({ value, createdAt: Date.now() }),
    getAsync: async (key) => (await requests.sentAt(key))?.toISOString() ?? null,
    // A request is used up together with what it brings, in one transaction of ours.
    removeAsync: (key) => Promise.resolve(key),
  };
}

function library(party: SamlParty, requests: OpenRequests, requestId?: string): SAML {
  return new SAML({
    issuer: party.audience,
    audience: party.audience,
    callbackUrl: party.acsUrl,
    entryPoint: party.signOnUrl,
    idpCert: [...party.certificates],
    idpIssuer: party.entityId,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: party.isResponseSigned,
    validateInResponseTo: ValidateInResponseTo.always,
    cacheProvider: cacheOver(requests),
    // Periods are checked where the rest of the assertion is, against our own clock.
    acceptedClockSkewMs: -1,
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    ...(requestId ? { generateUniqueId: () => requestId } : {}),
  });
}

/** Where to send the browser so that the provider answers the request with this id. */
export function requestUrl(party: SamlParty, requestId: string): Promise<string> {
  return library(party, none, requestId).getAuthorizeUrlAsync('', undefined, {});
}

/** What the unverified response says about itself may refuse it; nothing is granted for it. */
function checkEnvelope({ root }: UnverifiedResponse, { entityId, acsUrl }: SamlParty): void {
  const { Destination, Version } = root.attributes;
  if (Version !== '2.0') throw new SsoProblem('message_structure', 'version');
  if (Destination !== undefined && Destination !== acsUrl) {
    throw new SsoProblem('destination_wrong', Destination.slice(0, 500));
  }
  const issuer = childOf(root, SAML_ASSERTION, 'Issuer');
  if (issuer && textOf(issuer) !== entityId) {
    throw new SsoProblem('issuer_wrong', textOf(issuer).slice(0, 500));
  }
}

async function verifiedXml(saml: SAML, { xml }: UnverifiedResponse): Promise<string> {
  try {
    const SAMLResponse = Buffer.from(xml).toString('base64');
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse });
    const assertion = profile?.getAssertionXml?.();
    if (assertion) return assertion;
  } catch (error) {
    throw new SsoProblem(...reasonOf((error as Error).message));
  }
  throw new SsoProblem('signature_invalid', 'no assertion was verified');
}

/** What the library's words mean; they name checks, never values of the message. */
function reasonOf(message: string): ConstructorParameters<typeof SsoProblem> {
  if (/InResponseTo|subject confirmation/i.test(message)) {
    return ['request_unknown', 'InResponseTo'];
  }
  if (/NotBefore|NotOnOrAfter|expired/i.test(message)) return ['time_invalid', 'period'];
  if (/audience/i.test(message)) return ['audience_wrong', 'other audience'];
  return ['signature_invalid', 'signature does not fit the certificates'];
}

/** What came of a response; `unsolicited` asks for nothing but a request of our own. */
export type SamlOutcome =
  | { readonly kind: 'unsolicited' }
  | {
      readonly kind: 'verified';
      readonly requestId: string;
      readonly assertion: VerifiedAssertion;
    };

/**
 * Verifies a response of the POST binding. Throws `SsoProblem` for whatever is wrong with it. What
 * is believed comes from the signed assertion alone.
 */
export async function verifyResponse(
  samlResponse: string,
  party: SamlParty,
  requests: OpenRequests,
  now: Date,
): Promise<SamlOutcome> {
  const message = readMessage(samlResponse);
  checkEnvelope(message, party);
  const { inResponseTo } = message;
  if (inResponseTo === undefined) return { kind: 'unsolicited' };
  if (!(await requests.sentAt(inResponseTo))) throw new SsoProblem('request_unknown');
  const xml = await verifiedXml(library(party, requests), message);
  const assertion = readAssertion(xml, {
    issuer: party.entityId,
    audience: party.audience,
    recipient: party.acsUrl,
    inResponseTo,
    now,
  });
  if (assertion.id !== message.assertionId) throw new SsoProblem('signature_invalid', 'other id');
  return { kind: 'verified', requestId: inResponseTo, assertion };
}

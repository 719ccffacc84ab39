import { createRequire } from 'node:module';
import { testCertificate, type TestCertificate } from '#test/support/certificates';

/** What is used of xml-crypto; its own types would bring those of browsers into the server. */
interface Signer {
  addReference(reference: object): void;
  computeSignature(xml: string, options: object): void;
  getSignedXml(): string;
}
const { SignedXml } = createRequire(import.meta.url)('xml-crypto') as {
  SignedXml: new (options: object) => Signer;
};

export const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
export const SHA512 = 'http://www.w3.org/2001/04/xmlenc#sha512';
export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
export const RSA_SHA512 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512';
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';

export type Signed = 'assertion' | 'response' | 'both' | 'none';

/** What a response says; everything has a fitting default. */
export interface Forged {
  readonly issuer: string;
  readonly audience: string;
  readonly acsUrl: string;
  /** Null leaves the attribute out. */
  readonly inResponseTo: string | null;
  readonly responseInResponseTo?: string | null;
  readonly responseIssuer?: string;
  readonly destination?: string | null;
  readonly recipient?: string | null;
  readonly subject?: string;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  readonly assertionId?: string;
  readonly responseId?: string;
  readonly status?: string;
  /** Milliseconds from now. */
  readonly notBefore?: number;
  readonly notOnOrAfter?: number | null;
  readonly now?: Date;
  readonly prefix?: string;
}

/** How a document is signed. */
export interface Signing {
  readonly key: TestCertificate;
  readonly signed?: Signed;
  readonly signatureAlgorithm?: string;
  readonly digestAlgorithm?: string;
  readonly canonicalization?: string;
  readonly transforms?: readonly string[];
  readonly prefix?: string;
}

let made = 0;
const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const optional = (name: string, value: string | null | undefined) =>
  value === null || value === undefined ? '' : ` ${name}="${escape(value)}"`;

/** An assertion as a provider writes it, unsigned. */
export function assertionXml(given: Forged): string {
  const now = (given.now ?? new Date()).getTime();
  const at = (offset: number) => new Date(now + offset).toISOString();
  const s = given.prefix ?? 'saml';
  const end = given.notOnOrAfter === null ? null : at(given.notOnOrAfter ?? 300_000);
  const begin = at(given.notBefore ?? -60_000);
  const id = given.assertionId ?? `_assertion${(made += 1)}`;
  const attributes = Object.entries(given.attributes ?? { email: ['gavin@hooli.com'] })
    .map(
      ([name, values]) =>
        `<${s}:Attribute Name="${escape(name)}">${values
          .map((value) => `<${s}:AttributeValue>${escape(value)}</${s}:AttributeValue>`)
          .join('')}</${s}:Attribute>`,
    )
    .join('');
  const recipient = given.recipient === undefined ? given.acsUrl : given.recipient;
  return (
    `<${s}:Assertion xmlns:${s}="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID="${id}"` +
    ` IssueInstant="${at(0)}"><${s}:Issuer>${escape(given.issuer)}</${s}:Issuer>` +
    `<${s}:Subject><${s}:NameID>${escape(given.subject ?? 'gavin')}</${s}:NameID>` +
    `<${s}:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
    `<${s}:SubjectConfirmationData${optional('Recipient', recipient)}` +
    `${optional('InResponseTo', given.inResponseTo)}${optional('NotOnOrAfter', end)}/>` +
    `</${s}:SubjectConfirmation></${s}:Subject>` +
    `<${s}:Conditions NotBefore="${begin}"${optional('NotOnOrAfter', end)}>` +
    `<${s}:AudienceRestriction><${s}:Audience>${escape(given.audience)}</${s}:Audience>` +
    `</${s}:AudienceRestriction></${s}:Conditions>` +
    `<${s}:AuthnStatement AuthnInstant="${at(0)}"><${s}:AuthnContext><${s}:AuthnContextClassRef>` +
    `urn:oasis:names:tc:SAML:2.0:ac:classes:Password</${s}:AuthnContextClassRef>` +
    `</${s}:AuthnContext></${s}:AuthnStatement>` +
    `<${s}:AttributeStatement>${attributes}</${s}:AttributeStatement></${s}:Assertion>`
  );
}

/** A response around an assertion, unsigned. */
export function responseXml(given: Forged, inner = assertionXml(given)): string {
  const at = (given.now ?? new Date()).toISOString();
  const answers =
    given.responseInResponseTo === undefined ? given.inResponseTo : given.responseInResponseTo;
  const destination = given.destination === undefined ? given.acsUrl : given.destination;
  return (
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Version="2.0"` +
    ` ID="${given.responseId ?? `_response${(made += 1)}`}" IssueInstant="${at}"` +
    `${optional('Destination', destination)}${optional('InResponseTo', answers)}>` +
    `<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">` +
    `${escape(given.responseIssuer ?? given.issuer)}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="${given.status ?? SUCCESS}"/></samlp:Status>` +
    `${inner}</samlp:Response>`
  );
}

/** Signs the element an XPath names; the signature follows its Issuer. */
export function signElement(xml: string, path: string, signing: Signing): string {
  const signer = new SignedXml({
    privateKey: signing.key.privateKey,
    publicCert: signing.key.certificate,
    signatureAlgorithm: signing.signatureAlgorithm ?? RSA_SHA256,
    canonicalizationAlgorithm: signing.canonicalization ?? EXCLUSIVE,
  });
  signer.addReference({
    xpath: path,
    transforms: signing.transforms ?? [ENVELOPED, EXCLUSIVE],
    digestAlgorithm: signing.digestAlgorithm ?? SHA256,
  });
  signer.computeSignature(xml, {
    prefix: signing.prefix ?? 'ds',
    location: { reference: `${path}/*[local-name()='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

export const ASSERTION_PATH = "//*[local-name()='Response']/*[local-name()='Assertion']";
export const RESPONSE_PATH = "/*[local-name()='Response']";

/** A response, signed as providers sign. */
export function signedResponse(given: Forged, signing: Signing): string {
  const { signed = 'assertion' } = signing;
  let xml = responseXml(given);
  if (signed === 'assertion' || signed === 'both') xml = signElement(xml, ASSERTION_PATH, signing);
  if (signed === 'response' || signed === 'both') xml = signElement(xml, RESPONSE_PATH, signing);
  return xml;
}

export const encoded = (xml: string | Buffer) => Buffer.from(xml).toString('base64');

/** Parts of a signed response, for putting it together in other ways. */
export function partsOf(xml: string) {
  const assertion = /<(\w+):Assertion[ >].*<\/\1:Assertion>/s.exec(xml)![0];
  const inAssertion = /<(\w+):Signature[ >].*?<\/\1:Signature>/s.exec(assertion)?.[0] ?? '';
  const rest = xml.replace(assertion, '');
  const inResponse = /<(\w+):Signature[ >].*?<\/\1:Signature>/s.exec(rest)?.[0] ?? '';
  return { assertion, inAssertion, inResponse };
}

/** The same assertion under another id and name, without a signature. */
export function evilTwin(assertion: string, subject = 'attacker'): string {
  return assertion
    .replace(/<(\w+):Signature[ >].*?<\/\1:Signature>/s, '')
    .replace(/ ID="[^"]+"/, ' ID="_evil"')
    .replace(/(<\w+:NameID>)[^<]*/, `$1${subject}`);
}

/** XSW1 to XSW8: where a signed original hides while a twin is read. */
export function wrappings(xml: string): Readonly<Record<string, string>> {
  const { assertion, inAssertion, inResponse } = partsOf(xml);
  const twin = evilTwin(assertion);
  const bare = assertion.replace(inAssertion || ' ', inAssertion ? '' : ' ');
  const evilResponse = xml
    .replace(assertion, twin)
    .replace(inResponse, '')
    .replace(/ ID="[^"]+"/, ' ID="_evilResponse"');
  const original = xml.replace(inResponse, '');
  const signatureOver = (inside: string) =>
    (inResponse || inAssertion).replace(/<\/(\w+):Signature>$/, `${inside}</$1:Signature>`);
  const object = (inside: string) => `<ds:Object>${inside}</ds:Object>`;
  const extensions = (inside: string) => `<samlp:Extensions>${inside}</samlp:Extensions>`;
  const evilWithSignature = twin.replace(/(<\/\w+:Issuer>)/, `$1${inAssertion}`);
  const afterIssuer = (what: string) => evilResponse.replace(/(<\/saml:Issuer>)/, `$1${what}`);
  return {
    XSW1: afterIssuer(signatureOver(original)),
    XSW2: afterIssuer(signatureOver('') + original),
    XSW3: xml.replace(assertion, twin + assertion),
    XSW4: xml.replace(assertion, twin.replace(/(<\/\w+:Assertion>)$/, `${assertion}$1`)),
    XSW5: xml.replace(assertion, evilWithSignature + bare),
    XSW6: xml.replace(
      assertion,
      twin.replace(/(<\/\w+:Issuer>)/, `$1${signatureOver(object(bare))}`),
    ),
    XSW7: xml.replace(assertion, extensions(assertion) + twin),
    XSW8: xml.replace(
      assertion,
      twin.replace(/(<\/\w+:Issuer>)/, `$1${signatureOver(object(assertion))}`),
    ),
  };
}

/** A provider of tests and somebody else who would like to be one. */
export function forgerKeys() {
  return {
    own: testCertificate('idp'),
    next: testCertificate('idp next'),
    foreign: testCertificate('x'),
  };
}

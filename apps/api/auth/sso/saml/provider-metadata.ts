import { X509Certificate } from 'node:crypto';
import { SsoProblem } from '../problem.js';
import { refuseMarkup } from './message.js';
import {
  childrenOf,
  everyElement,
  parseXml,
  SAML_PROTOCOL,
  textOf,
  XML_SIGNATURE,
  type XmlElement,
} from './xml.js';

const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
/** As many as a provider of ours keeps: one that signs, and those that follow it. */
const MOST_CERTIFICATES = 3;

/** What the metadata of an identity provider says, as the fields of a provider are named. */
export interface ProviderMetadata {
  readonly entityId: string;
  readonly signOnUrl: string;
  /** PEM. */
  readonly certificates: readonly string[];
}

/** A certificate as people compare and renew it. */
export interface CertificateShown {
  readonly subject: string;
  readonly validFrom: string;
  readonly validTo: string;
  /** SHA-256, as OpenSSL writes it. */
  readonly fingerprint: string;
}

/** Reads what people want to know of a certificate (PEM). */
export function certificateShown(pem: string): CertificateShown {
  const { subject, validFromDate, validToDate, fingerprint256 } = new X509Certificate(pem);
  return {
    subject: subject.replaceAll('\n', ', '),
    validFrom: validFromDate.toISOString(),
    validTo: validToDate.toISOString(),
    fingerprint: fingerprint256,
  };
}

function signingCertificates(role: XmlElement): string[] {
  const keys = childrenOf(role, METADATA, 'KeyDescriptor').filter(
    ({ attributes }) => (attributes['use'] ?? 'signing') === 'signing',
  );
  const texts = keys
    .flatMap((key) => [...everyElement(key)])
    .filter(({ namespace, name }) => namespace === XML_SIGNATURE && name === 'X509Certificate')
    .map((one) => textOf(one).replaceAll(/\s/g, ''));
  return [...new Set(texts)].map((base64) => {
    const lines = base64.match(/.{1,64}/g)?.join('\n') ?? '';
    return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  });
}

const lacks = (what: string) => new SsoProblem('message_structure', what);

/**
 * Reads SAML 2.0 metadata of one identity provider. Throws `SsoProblem` naming what is missing. It is
 * no proof of anything: an administrator chose where it comes from.
 */
export function readProviderMetadata(xml: string): ProviderMetadata {
  const text = xml.trim();
  refuseMarkup(text);
  const found = [...everyElement(parseXml(text))]
    .filter(({ namespace, name }) => namespace === METADATA && name === 'EntityDescriptor')
    .flatMap((entity) =>
      childrenOf(entity, METADATA, 'IDPSSODescriptor')
        .filter((role) =>
          role.attributes['protocolSupportEnumeration']?.split(/\s+/).includes(SAML_PROTOCOL),
        )
        .map((role) => ({ entity, role })),
    );
  const [first] = found;
  if (!first) throw lacks('it describes no SAML 2.0 identity provider');
  if (found.length > 1) throw lacks(`it describes ${found.length} identity providers, not one`);
  const { entity, role } = first;
  const { entityID: entityId } = entity.attributes;
  if (!entityId) throw lacks('it has no entity id');
  const service = childrenOf(role, METADATA, 'SingleSignOnService').find(
    ({ attributes }) => attributes['Binding'] === REDIRECT,
  );
  const signOnUrl = service?.attributes['Location'];
  if (!signOnUrl) throw lacks('it has no sign-on address for the redirect binding');
  const certificates = signingCertificates(role);
  if (certificates.length === 0) throw lacks('it has no certificate for signing');
  return { entityId, signOnUrl, certificates: certificates.slice(0, MOST_CERTIFICATES) };
}

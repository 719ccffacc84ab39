import { describe, expect, it } from '@jest/globals';
import { testCertificate } from '#test/support/certificates';
import { SsoProblem } from '../problem.js';
import { certificateShown, readProviderMetadata } from './provider-metadata.js';

const { certificate } = testCertificate('hooli');
const base64 = certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '');
const key = (use: string, text = base64) =>
  `<KeyDescriptor${use}><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>` +
  `<X509Certificate>\n${text}\n</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`;
const service = (binding: string) =>
  `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}"` +
  ` Location="https://idp.hooli.com/${binding}"/>`;
const entity = (inner: string, attributes = ' entityID="https://idp.hooli.com"') =>
  `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"${attributes}>` +
  `<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
  `${inner}</IDPSSODescriptor></EntityDescriptor>`;
const whole = entity(
  `${key(' use="signing"')}${key(' use="encryption"', 'AAAA')}` +
    `${service('HTTP-POST')}${service('HTTP-Redirect')}`,
);

const foundIn = (xml: string) => {
  try {
    return readProviderMetadata(xml);
  } catch (error) {
    if (error instanceof SsoProblem) return error.found ?? error.reason;
    throw error;
  }
};

describe('metadata of identity providers', () => {
  const expected = {
    entityId: 'https://idp.hooli.com',
    signOnUrl: 'https://idp.hooli.com/HTTP-Redirect',
    certificates: [certificate],
  };

  it('gives entity id, address of the redirect and certificates for signing', () => {
    expect(foundIn(`\n<?xml version="1.0"?>\n${whole}\n`)).toEqual(expected);
    const several = `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${whole}</EntitiesDescriptor>`;
    expect(foundIn(several)).toEqual(expected);
    const general = entity(`${key('')}${key(' use="signing"')}${service('HTTP-Redirect')}`);
    expect(foundIn(general)).toEqual(expected);
  });

  it('says what is missing, and refuses what readers disagree about', () => {
    expect(foundIn(entity(key('')))).toContain('no sign-on address');
    expect(foundIn(entity(service('HTTP-Redirect')))).toContain('no certificate');
    expect(foundIn(entity(`${key('')}${service('HTTP-Redirect')}`, ''))).toContain('no entity id');
    expect(foundIn('<html/>')).toContain('no SAML 2.0 identity provider');
    const two = `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${whole}${whole}</EntitiesDescriptor>`;
    expect(foundIn(two)).toContain('2 identity providers');
    expect(foundIn(`<!DOCTYPE x [<!ENTITY a "b">]>${whole}`)).toContain('document type');
    expect(foundIn('not XML')).toBe('not well-formed');
  });

  it('shows a certificate as people compare it', () => {
    expect(certificateShown(certificate)).toMatchObject({
      subject: 'CN=hooli',
      validTo: '2049-12-31T23:59:59.000Z',
      fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    });
  });
});

import { SAML_PROTOCOL } from './xml.js';

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** What an identity provider has to know of us, as SAML 2.0 metadata. */
export function serviceProviderMetadata(entityId: string, acsUrl: string): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"',
    `    entityID="${escape(entityId)}">`,
    '  <SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true"',
    `      protocolSupportEnumeration="${SAML_PROTOCOL}">`,
    '    <NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>',
    '    <AssertionConsumerService index="0" isDefault="true"',
    '        Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"',
    `        Location="${escape(acsUrl)}"/>`,
    '  </SPSSODescriptor>',
    '</EntityDescriptor>',
    '',
  ].join('\n');
}

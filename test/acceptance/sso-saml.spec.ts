import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SsoProblem } from '#apps/api/auth/sso/problem';
import { verifyResponse } from '#apps/api/auth/sso/saml/response';
import {
  ASSERTION_PATH,
  assertionXml,
  encoded,
  evilTwin,
  EXCLUSIVE,
  partsOf,
  responseXml,
  RESPONSE_PATH,
  RSA_SHA512,
  SHA512,
  signedResponse,
  signElement,
  wrappings,
  type Forged,
  type Signed,
  type Signing,
} from './sso-forger.js';
import { given, keys, outcomeOf, own, party, REQUEST, requests } from './sso-saml.fixture.js';

async function refusedAll(documents: Readonly<Record<string, string | Buffer>>, at = party) {
  const accepted: string[] = [];
  for (const [name, xml] of Object.entries(documents)) {
    const outcome = await outcomeOf(xml, at);
    if (outcome === 'accepted' || outcome === 'unsolicited') accepted.push(`${name} ${outcome}`);
  }
  expect(accepted).toEqual([]);
}

describe('S5 valid responses', () => {
  const styles: Readonly<Record<string, Partial<Signing> & Partial<Forged>>> = {
    'assertion signed': {},
    'both signed': { signed: 'both' },
    'SHA-512': { signatureAlgorithm: RSA_SHA512, digestAlgorithm: SHA512 },
    'signature without a prefix': { prefix: '' },
    'no Destination': { destination: null },
  };
  it.each(Object.keys(styles))('S5 with %s are accepted', async (name) => {
    const { signed, signatureAlgorithm, digestAlgorithm, prefix, ...rest } = styles[name]!;
    const chosen = { signed, signatureAlgorithm, digestAlgorithm, prefix };
    const defined = Object.entries(chosen).filter(([, value]) => value !== undefined);
    const signing = { ...own, ...Object.fromEntries(defined) };
    const xml = signedResponse({ ...given, ...rest }, signing);
    expect(await outcomeOf(xml)).toBe('accepted');
    const outcome = await verifyResponse(encoded(xml), party, requests, new Date());
    expect(outcome).toMatchObject({
      requestId: REQUEST,
      assertion: {
        identity: {
          issuer: party.entityId,
          subject: 'gavin',
          attributes: { email: ['gavin@hooli.com'], groups: ['crm', 'all staff'] },
        },
      },
    });
  });

  it('S5 are accepted under the old and the new certificate while one follows the other', async () => {
    const at = { ...party, certificates: [keys.own.certificate, keys.next.certificate] };
    for (const key of [keys.own, keys.next]) {
      expect(await outcomeOf(signedResponse(given, { key }), at)).toBe('accepted');
    }
    expect(await outcomeOf(signedResponse(given, { key: keys.next }))).toBe('signature_invalid');
  });

  it('S5 with an XML declaration, line breaks and white space are accepted', async () => {
    const spaced = responseXml(given).replaceAll('><saml', '>\n  <saml');
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n${signElement(spaced, ASSERTION_PATH, own)}`;
    expect(await outcomeOf(xml)).toBe('accepted');
  });
});

describe('S1 forged responses', () => {
  it.each(['assertion', 'response', 'both'] as const)(
    'S1 XSW1–8 over a signed %s are refused',
    async (signed: Signed) => {
      await refusedAll(wrappings(signedResponse(given, { ...own, signed })));
      const strict = { ...party, isResponseSigned: true };
      await refusedAll(wrappings(signedResponse(given, { ...own, signed })), strict);
    },
  );

  it('S1 signatures that are missing, empty, elsewhere or of others are refused', async () => {
    const valid = signedResponse(given, own);
    const { assertion, inAssertion } = partsOf(valid);
    const other = signElement(
      responseXml(
        given,
        `${assertionXml(given)}<samlp:Extensions ID="_e"><saml:Issuer xmlns:saml="x"/></samlp:Extensions>`,
      ),
      "//*[local-name()='Extensions']",
      own,
    );
    await refusedAll({
      unsigned: responseXml(given),
      'response signed only': signedResponse(given, { ...own, signed: 'response' }),
      removed: valid.replace(inAssertion, ''),
      'empty element': valid.replace(
        inAssertion,
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>',
      ),
      'empty value': valid.replace(/(<ds:SignatureValue>)[^<]*/, '$1'),
      'empty digest': valid.replace(/(<ds:DigestValue>)[^<]*/, '$1'),
      'over another element': other,
      'attacker’s key and certificate': signedResponse(given, { key: keys.foreign }),
      'twin with the signature': valid.replace(
        assertion,
        evilTwin(assertion).replace('</saml:Issuer>', `</saml:Issuer>${inAssertion}`),
      ),
      'empty reference': valid.replace(/URI="#[^"]*"/, 'URI=""'),
      'no reference': valid.replace(/<ds:Reference .*?<\/ds:Reference>/s, ''),
    });
  });

  it('S1 a signature made with the public key as an HMAC secret is refused', async () => {
    const valid = signedResponse(given, own);
    const info = /<ds:SignedInfo>.*<\/ds:SignedInfo>/s.exec(valid)![0];
    const forged = [
      'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
      'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
    ].map((algorithm) => {
      const changed = info.replace(/(SignatureMethod Algorithm=")[^"]*/, `$1${algorithm}`);
      const mac = createHmac('sha1', keys.own.certificate).update(changed).digest('base64');
      return valid.replace(info, changed).replace(/(<ds:SignatureValue>)[^<]*/, `$1${mac}`);
    });
    await refusedAll(Object.fromEntries(forged.map((xml, n) => [n, xml])));
  });

  it('S1 weak or unknown algorithms are refused', async () => {
    const signed = (more: Partial<Signing>) => signedResponse(given, { ...own, ...more });
    await refusedAll({
      'SHA-1 signature': signed({
        signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
      }),
      'SHA-1 digest': signed({ digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' }),
      'inclusive c14n': signed({
        canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
      }),
      'with comments': signed({ canonicalization: `${EXCLUSIVE}WithComments` }),
      'comments transform': signed({
        transforms: [
          'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
          `${EXCLUSIVE}WithComments`,
        ],
      }),
      'no c14n': signed({ transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature'] }),
    });
  });

  it('S1 several of what there is one of, and ids that repeat, are refused', async () => {
    const valid = signedResponse(given, own);
    const { assertion, inAssertion } = partsOf(valid);
    const info = /<ds:SignedInfo>.*<\/ds:SignedInfo>/s.exec(valid)![0];
    const reference = /<ds:Reference .*?<\/ds:Reference>/s.exec(valid)![0];
    const id = /:Assertion [^>]*ID="([^"]+)"/.exec(valid)![1]!;
    const responseId = /Response [^>]*ID="([^"]+)"/.exec(valid)![1]!;
    await refusedAll({
      'two SignedInfo': valid.replace(info, info + info.replace(/(DigestValue>)[^<]*/, '$1AAAA')),
      'two Reference': valid.replace(reference, reference + reference),
      'two Signature': valid.replace(inAssertion, inAssertion + inAssertion),
      'two assertions': valid.replace(assertion, assertion + assertionXml(given)),
      'assertion twice': valid.replace(assertion, assertion + assertion),
      'id of the assertion at the response': valid.replaceAll(responseId, id),
      'id in another spelling': valid.replace('<samlp:Status', `<samlp:Status id="${id}"`),
      'two NameID': signElement(
        responseXml(given).replace(/(<saml:NameID>)/, '<saml:NameID>other</saml:NameID>$1'),
        ASSERTION_PATH,
        own,
      ),
      'transform more': valid.replace(
        '</ds:Transforms>',
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></ds:Transforms>',
      ),
      'object in the signature': valid.replace(
        '</ds:Signature>',
        '<ds:Object><x xmlns=""/></ds:Object></ds:Signature>',
      ),
    });
  });

  it('S1 namespace tricks and encrypted parts are refused', async () => {
    const valid = signedResponse(given, own);
    const { assertion } = partsOf(valid);
    const tag = Buffer.alloc(20).toString('base64');
    const encrypted =
      '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">' +
      '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">' +
      '<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>' +
      `<xenc:CipherData><xenc:CipherValue>${tag}</xenc:CipherValue></xenc:CipherData>` +
      '</xenc:EncryptedData></saml:EncryptedAssertion>';
    await refusedAll({
      'encrypted with a cut tag': valid.replace(assertion, encrypted),
      'plain and encrypted': valid.replace(assertion, assertion + encrypted),
      'assertion of another namespace': responseXml(
        given,
        assertionXml(given).replace('tc:SAML:2.0:assertion', 'tc:SAML:2.0:assertions'),
      ),
      'response of another namespace': valid.replace(
        'tc:SAML:2.0:protocol',
        'tc:SAML:1.1:protocol',
      ),
      'signature of another namespace': valid.replaceAll(
        'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"',
        'xmlns:ds="http://www.w3.org/2000/09/xmldsig"',
      ),
      'prefix bound anew': valid.replace('<saml:Subject>', '<saml:Subject xmlns:saml="x">'),
      'assertion in lower case': valid.replace(assertion, `${assertion}<assertion/>`),
    });
  });

  it('S1 a comment or instruction inside a value does not cut it', async () => {
    const named = (value: string) =>
      signElement(responseXml(given).replace('>gavin<', `>${value}<`), ASSERTION_PATH, own);
    await refusedAll({
      comment: named('gavin<!-- -->.attacker'),
      instruction: named('gavin<?x y?>.attacker'),
      CDATA: named('<![CDATA[gavin]]>'),
      element: named('gavin<b/>attacker'),
    });
  });
});

describe('S2 what the library alone accepts', () => {
  const refused = async (change: Partial<Forged>, at = party) =>
    outcomeOf(signedResponse({ ...given, ...change }, own), at);

  it('S2 wrong Recipient, Destination, Issuer and audience are refused', async () => {
    const elsewhere = 'https://crm.example/api/v1/auth/sso/c/d/acs';
    expect(await refused({ recipient: elsewhere })).toBe('recipient_wrong');
    expect(await refused({ recipient: null })).toBe('recipient_wrong');
    expect(await refused({ destination: elsewhere })).toBe('destination_wrong');
    expect(await refused({ issuer: 'https://idp.evil.example' })).toBe('issuer_wrong');
    const response = { responseIssuer: party.entityId, issuer: 'https://idp.evil.example' };
    expect(await refused(response)).toBe('issuer_wrong');
    expect(await refused({ responseIssuer: 'https://idp.evil.example' })).toBe('issuer_wrong');
    expect(await refused({ audience: 'https://other.example' })).toBe('audience_wrong');
  });

  it('S2 an answer nobody asked for is no answer, whatever the response around it says', async () => {
    const plain = await refused({ inResponseTo: null });
    expect(plain).toBe('unsolicited');
    // The response is not signed, so anybody can write a known id on an unsolicited assertion.
    const forged = { inResponseTo: null, responseInResponseTo: REQUEST };
    expect(await refused(forged)).toBe('request_unknown');
    expect(await refused({ inResponseTo: '_other' })).toBe('request_unknown');
    expect(await refused({ responseInResponseTo: '_other' })).toBe('request_unknown');
    const another = { inResponseTo: '_other', responseInResponseTo: REQUEST };
    expect(await refused(another)).toBe('request_unknown');
  });

  it('S2 a response that must be signed and is not is refused', async () => {
    const strict = { ...party, isResponseSigned: true };
    expect(await outcomeOf(signedResponse(given, own), strict)).toBe('signature_invalid');
    const both = signedResponse(given, { ...own, signed: 'both' });
    expect(await outcomeOf(both, strict)).toBe('accepted');
  });

  it('S2 expired, future and endless assertions are refused, a minute of skew is not', async () => {
    const time = 'time_invalid';
    expect(await refused({ notOnOrAfter: -61_000 })).toBe(time);
    expect(await refused({ notOnOrAfter: -50_000 })).toBe('accepted');
    expect(await refused({ notBefore: 65_000 })).toBe(time);
    expect(await refused({ notBefore: 50_000 })).toBe('accepted');
    expect(await refused({ notOnOrAfter: null })).toBe(time);
    expect(await refused({ notOnOrAfter: 86_400_000 + 50_000 })).toBe('accepted');
    expect(await refused({ notOnOrAfter: 86_400_000 + 65_000 })).toBe(time);
    const later = new Date(Date.now() + 400_000);
    expect(await outcomeOf(signedResponse(given, own), party, later)).toBe(time);
  });

  it('S2 entities, bombs, other encodings and what is too large are refused at once', async () => {
    const valid = signedResponse(given, own);
    const bomb = `<!DOCTYPE r [<!ENTITY a "${'a'.repeat(100)}">${'<!ENTITY b "&a;&a;&a;&a;">'}]>`;
    const began = performance.now();
    await refusedAll({
      doctype: `<!DOCTYPE samlp:Response>${valid}`,
      'entity file': `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${valid.replace('>gavin<', '>&x;<')}`,
      'entity bomb': bomb + valid,
      'unknown entity': valid.replace('>gavin<', '>&nope;<'),
      'UTF-16': Buffer.from(`\uFEFF${valid}`, 'utf16le'),
      'other encoding': `<?xml version="1.0" encoding="UTF-7"?>${valid}`,
      'byte order mark': `\uFEFF${valid}`,
      'no UTF-8': Buffer.from([0x3c, 0xff, 0xfe]),
      'deflated 10 MB': (await import('node:zlib')).deflateRawSync(Buffer.alloc(10_000_000, 'a')),
      '300 kB': valid.replace('>gavin<', `>${'g'.repeat(300_000)}<`),
      deep: valid.replace('>gavin<', `>${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}<`),
      wide: valid.replace('>gavin<', `>${'<a/>'.repeat(40_000)}<`),
      cut: valid.slice(0, -10),
      twice: valid + valid,
      'a control character': valid.replace('>gavin<', '>gav\u0000in<'),
    });
    expect(performance.now() - began).toBeLessThan(5_000);
    for (const text of ['', 'not base64!', `${encoded(valid)}\u0000`, `${encoded(valid)}====`]) {
      await expect(verifyResponse(text, party, requests, new Date())).rejects.toThrow(SsoProblem);
    }
  });

  it('S2 a status that is no success is refused, and its reason kept for administrators', async () => {
    const status = 'urn:oasis:names:tc:SAML:2.0:status:Responder';
    expect(await refused({ status })).toBe('status_not_success');
  });
});

it('S1 the forger signs what it means to: its keys and paths are used', () => {
  const xml = signedResponse(given, { ...own, signed: 'both' });
  expect(xml.match(/<ds:Signature /g)).toHaveLength(2);
  expect(signElement(responseXml(given), RESPONSE_PATH, own)).toContain('<ds:SignatureValue>');
});

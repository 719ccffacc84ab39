import { SsoProblem } from '../problem.js';
import {
  childOf,
  childrenOf,
  everyElement,
  parseXml,
  SAML_ASSERTION,
  SAML_PROTOCOL,
  textOf,
  XML_SIGNATURE,
  type XmlElement,
} from './xml.js';

/** The largest response that is looked at, decoded, in bytes. */
export const MAX_RESPONSE_BYTES = 256 * 1024;

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const SIGNATURES: readonly string[] = [
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
];
const DIGESTS: readonly string[] = [
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
];

/** What a response says before any of it is verified: good for refusing, never for granting. */
export interface UnverifiedResponse {
  readonly xml: string;
  readonly root: XmlElement;
  readonly assertionId: string;
  /** The request it says it answers; undefined for one nobody asked for. */
  readonly inResponseTo: string | undefined;
}

/** Decodes a `SAMLResponse` field. Nothing is ever inflated: the POST binding does not compress. */
function decode(samlResponse: string): string {
  const base64 = samlResponse.replaceAll(/[\r\n\t ]/g, '');
  if (base64.length > Math.ceil(MAX_RESPONSE_BYTES / 3) * 4) {
    throw new SsoProblem('message_too_large', `more than ${MAX_RESPONSE_BYTES} bytes`);
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) {
    throw new SsoProblem('message_unreadable', 'not base64');
  }
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > MAX_RESPONSE_BYTES) throw new SsoProblem('message_too_large');
  // One text has one spelling: node-saml decodes what we looked at, and nothing else.
  if (bytes.toString('base64') !== base64) throw new SsoProblem('message_unreadable', 'not base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SsoProblem('message_unreadable', 'not UTF-8');
  }
}

/**
 * Refuses on the text itself what XML readers treat in different ways. In well-formed XML no value
 * holds a bare `<`, so every `<!` is a document type, a comment or a section of characters.
 */
export function refuseMarkup(xml: string): void {
  if (xml.includes('<!')) {
    throw new SsoProblem('message_forbidden_part', 'document type, comment or CDATA');
  }
  const declaration = /^<\?xml(?: [\w.="' -]*)\?>/.exec(xml)?.[0] ?? '';
  if (/encoding/i.test(declaration) && !/encoding=["']utf-8["']/i.test(declaration)) {
    throw new SsoProblem('message_unreadable', 'not UTF-8');
  }
  if (xml.includes('<?', declaration.length)) {
    throw new SsoProblem('message_forbidden_part', 'processing instruction');
  }
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFEFF\uFFFE\uFFFF]/.test(xml)) {
    throw new SsoProblem('message_forbidden_part', 'control character');
  }
}

function refuseUnless(condition: boolean, what: string): asserts condition {
  if (!condition) throw new SsoProblem('signature_form', what);
}

const algorithmOf = (element: XmlElement | undefined) => element?.attributes['Algorithm'] ?? '';

function checkAlgorithm(allowed: readonly string[], element: XmlElement | undefined): void {
  const algorithm = algorithmOf(element);
  if (!allowed.includes(algorithm)) throw new SsoProblem('signature_algorithm', algorithm);
}

/** One signature, over the element it stands in and nothing else, by algorithms we allow. */
function checkSignature(signature: XmlElement, parent: XmlElement): void {
  const all = [...everyElement(signature)];
  const names = signature.children.map(({ name }) => name);
  refuseUnless(
    /^SignedInfo,SignatureValue(,KeyInfo)?$/.test(names.join()),
    `children ${names.join()}`.slice(0, 200),
  );
  refuseUnless(all.filter(({ name }) => name === 'SignedInfo').length === 1, 'several SignedInfo');
  refuseUnless(all.filter(({ name }) => name === 'Reference').length === 1, 'several Reference');
  refuseUnless(all.filter(({ name }) => name === 'Signature').length === 1, 'nested Signature');
  const info = childOf(signature, XML_SIGNATURE, 'SignedInfo');
  const reference = info && childOf(info, XML_SIGNATURE, 'Reference');
  const transforms = reference && childOf(reference, XML_SIGNATURE, 'Transforms');
  refuseUnless(transforms !== undefined, 'no Transforms');
  refuseUnless(
    /^CanonicalizationMethod,SignatureMethod,Reference$/.test(
      info!.children.map(({ name }) => name).join(),
    ),
    'SignedInfo',
  );
  const { ID } = parent.attributes;
  refuseUnless(Boolean(ID) && reference!.attributes['URI'] === `#${ID}`, 'Reference elsewhere');
  checkAlgorithm([EXCLUSIVE], childOf(info!, XML_SIGNATURE, 'CanonicalizationMethod'));
  checkAlgorithm(SIGNATURES, childOf(info!, XML_SIGNATURE, 'SignatureMethod'));
  checkAlgorithm(DIGESTS, childOf(reference!, XML_SIGNATURE, 'DigestMethod'));
  const given = transforms.children.map(algorithmOf).join(' ');
  if (given !== `${ENVELOPED} ${EXCLUSIVE}`) throw new SsoProblem('signature_algorithm', given);
  const digest = childOf(reference!, XML_SIGNATURE, 'DigestValue');
  const value = childOf(signature, XML_SIGNATURE, 'SignatureValue');
  for (const one of [digest, value]) {
    refuseUnless(one !== undefined && /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(textOf(one)), 'no value');
  }
}

/** Every signature of the document stands where it may, at most once. */
function checkSignatures(response: XmlElement, assertion: XmlElement): void {
  const signatures = [...everyElement(response)].filter(({ name }) => name === 'Signature');
  const placed = [response, assertion].flatMap((parent) => {
    const signature = childOf(parent, XML_SIGNATURE, 'Signature');
    if (signature) checkSignature(signature, parent);
    return signature ? [signature] : [];
  });
  refuseUnless(signatures.length === placed.length, 'Signature out of place');
  const signed = childOf(assertion, XML_SIGNATURE, 'Signature') !== undefined;
  if (!signed) throw new SsoProblem('signature_invalid', 'assertion not signed');
}

function checkIds(root: XmlElement): void {
  const ids = [...everyElement(root)].flatMap((one) => one.ids);
  if (new Set(ids).size !== ids.length) throw new SsoProblem('message_structure', 'repeated id');
}

/** The one assertion, as a child of the response and nowhere else. */
function onlyAssertion(root: XmlElement): XmlElement {
  const all = [...everyElement(root)];
  if (all.some(({ name }) => /^encrypted/i.test(name))) {
    throw new SsoProblem('assertion_encrypted', 'encrypted parts are not taken');
  }
  const assertions = all.filter(({ name }) => /^assertion$/i.test(name));
  const own = childrenOf(root, SAML_ASSERTION, 'Assertion');
  if (assertions.length !== 1 || own.length !== 1) {
    throw new SsoProblem('message_structure', `${assertions.length} assertions`);
  }
  return own[0]!;
}

function checkStatus(root: XmlElement): void {
  const status = childOf(root, SAML_PROTOCOL, 'Status');
  const code = status && childOf(status, SAML_PROTOCOL, 'StatusCode');
  const value = code?.attributes['Value'];
  if (value === 'urn:oasis:names:tc:SAML:2.0:status:Success') return;
  const second = code && childOf(code, SAML_PROTOCOL, 'StatusCode')?.attributes['Value'];
  throw new SsoProblem('status_not_success', (second ?? value ?? 'no status').slice(0, 200));
}

/**
 * Everything that is refused before a signature is looked at: size, encoding, parts that readers
 * disagree about, and every form of document, signature and algorithm we do not expect.
 */
export function readMessage(samlResponse: string): UnverifiedResponse {
  const xml = decode(samlResponse);
  refuseMarkup(xml);
  const root = parseXml(xml);
  if (root.namespace !== SAML_PROTOCOL || root.name !== 'Response') {
    throw new SsoProblem('message_structure', `root is ${root.name}`.slice(0, 200));
  }
  checkIds(root);
  checkStatus(root);
  const assertion = onlyAssertion(root);
  checkSignatures(root, assertion);
  return {
    xml,
    root,
    assertionId: assertion.attributes['ID']!,
    inResponseTo: root.attributes['InResponseTo'],
  };
}

import { SsoProblem, type Identity } from '../problem.js';
import { childOf, childrenOf, parseXml, SAML_ASSERTION, textOf, type XmlElement } from './xml.js';

/** Two servers' clocks may differ by this, in milliseconds. */
export const CLOCK_SKEW_MS = 60_000;
/** An assertion that is good for longer is refused: its id has to be kept until then. */
const LONGEST_MS = 24 * 3_600_000;
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

/** What an assertion must be meant for. */
export interface Expected {
  readonly issuer: string;
  readonly audience: string;
  readonly recipient: string;
  readonly inResponseTo: string;
  readonly now: Date;
}

export interface VerifiedAssertion {
  readonly id: string;
  /** Until then its id is remembered. */
  readonly expiresAt: Date;
  readonly identity: Identity;
}

function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
  const value = form.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(value)) throw new SsoProblem('time_invalid', 'not an instant');
  return value;
}

/** Refuses what is not good yet or any more; the end, as far as there is one. */
function checkPeriod(element: XmlElement, now: number): number | undefined {
  const begin = instantOf(element.attributes['NotBefore']);
  const end = instantOf(element.attributes['NotOnOrAfter']);
  if (begin !== undefined && now + CLOCK_SKEW_MS < begin) {
    throw new SsoProblem('time_invalid', `not before ${new Date(begin).toISOString()}`);
  }
  if (end !== undefined && now - CLOCK_SKEW_MS >= end) {
    throw new SsoProblem('time_invalid', `ended ${new Date(end).toISOString()}`);
  }
  return end;
}

function checkConditions(assertion: XmlElement, { audience, now }: Expected): number | undefined {
  const conditions = childOf(assertion, SAML_ASSERTION, 'Conditions');
  if (!conditions) throw new SsoProblem('audience_wrong', 'no Conditions');
  const end = checkPeriod(conditions, now.getTime());
  const restrictions = childrenOf(conditions, SAML_ASSERTION, 'AudienceRestriction');
  const meant = restrictions.every((one) =>
    childrenOf(one, SAML_ASSERTION, 'Audience').some((each) => textOf(each) === audience),
  );
  if (restrictions.length === 0 || !meant) throw new SsoProblem('audience_wrong', 'other audience');
  return end;
}

/** The end of the first confirmation that fits; refuses with what is wrong with the last. */
function checkConfirmations(subject: XmlElement, expected: Expected): number {
  const confirmations = childrenOf(subject, SAML_ASSERTION, 'SubjectConfirmation');
  let problem: unknown = new SsoProblem('recipient_wrong', 'no bearer confirmation');
  for (const one of confirmations.filter(({ attributes }) => attributes['Method'] === BEARER)) {
    try {
      return checkConfirmation(one, expected);
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

function checkConfirmation(confirmation: XmlElement, expected: Expected): number {
  const data = childOf(confirmation, SAML_ASSERTION, 'SubjectConfirmationData');
  if (!data) throw new SsoProblem('recipient_wrong', 'no SubjectConfirmationData');
  const { Recipient, InResponseTo } = data.attributes;
  if (Recipient !== expected.recipient) {
    throw new SsoProblem('recipient_wrong', (Recipient ?? 'no Recipient').slice(0, 500));
  }
  if (InResponseTo !== expected.inResponseTo) {
    throw new SsoProblem('request_unknown', 'InResponseTo of the assertion');
  }
  const end = checkPeriod(data, expected.now.getTime());
  if (end === undefined) throw new SsoProblem('time_invalid', 'no NotOnOrAfter');
  return end;
}

function attributesOf(assertion: XmlElement): Record<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const statement of childrenOf(assertion, SAML_ASSERTION, 'AttributeStatement')) {
    for (const one of childrenOf(statement, SAML_ASSERTION, 'Attribute')) {
      const name = one.attributes['Name'] ?? '';
      const values = childrenOf(one, SAML_ASSERTION, 'AttributeValue')
        .filter(({ children }) => children.length === 0)
        .map(textOf);
      found.set(name, [...(found.get(name) ?? []), ...values]);
    }
  }
  return Object.fromEntries(found);
}

/** Reads an assertion whose signature was verified, and refuses it unless it is meant for us. */
export function readAssertion(verifiedXml: string, expected: Expected): VerifiedAssertion {
  const assertion = parseXml(verifiedXml);
  const { ID: id, Version } = assertion.attributes;
  const form = assertion.namespace === SAML_ASSERTION && assertion.name === 'Assertion';
  if (!form || !id || Version !== '2.0') throw new SsoProblem('message_structure', 'assertion');
  const issuer = childOf(assertion, SAML_ASSERTION, 'Issuer');
  if (!issuer || textOf(issuer) !== expected.issuer) {
    throw new SsoProblem('issuer_wrong', issuer ? textOf(issuer).slice(0, 500) : 'no Issuer');
  }
  const subject = childOf(assertion, SAML_ASSERTION, 'Subject');
  const nameId = subject && childOf(subject, SAML_ASSERTION, 'NameID');
  if (!nameId || textOf(nameId) === '') throw new SsoProblem('subject_missing', 'no NameID');
  const now = expected.now.getTime();
  const confirmed = checkConfirmations(subject, expected);
  const conditioned = checkConditions(assertion, expected) ?? confirmed;
  const statements = childrenOf(assertion, SAML_ASSERTION, 'AuthnStatement');
  if (statements.length === 0) throw new SsoProblem('message_structure', 'no AuthnStatement');
  for (const { attributes } of statements) {
    const end = instantOf(attributes['SessionNotOnOrAfter']);
    if (end !== undefined && now - CLOCK_SKEW_MS >= end) throw new SsoProblem('time_invalid');
  }
  const end = Math.max(confirmed, conditioned);
  // Some products give a whole day by default, on a clock that may be ahead.
  if (end - now > LONGEST_MS + CLOCK_SKEW_MS) {
    throw new SsoProblem('time_invalid', 'good for more than a day');
  }
  return {
    id,
    expiresAt: new Date(end + CLOCK_SKEW_MS),
    identity: {
      issuer: expected.issuer,
      subject: textOf(nameId),
      attributes: attributesOf(assertion),
    },
  };
}

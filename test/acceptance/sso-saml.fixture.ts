import { SsoProblem } from '#apps/api/auth/sso/problem';
import { verifyResponse, type SamlParty } from '#apps/api/auth/sso/saml/response';
import { encoded, forgerKeys, type Forged, type Signing } from './sso-forger.js';

export const keys = forgerKeys();
export const party: SamlParty = {
  entityId: 'https://idp.hooli.com/saml',
  signOnUrl: 'https://idp.hooli.com/sso',
  certificates: [keys.own.certificate],
  isResponseSigned: false,
  audience: 'https://crm.example/api/v1/auth/sso/a/b/metadata',
  acsUrl: 'https://crm.example/api/v1/auth/sso/a/b/acs',
};
export const REQUEST = '_request1';
export const given: Forged = {
  issuer: party.entityId,
  audience: party.audience,
  acsUrl: party.acsUrl,
  inResponseTo: REQUEST,
  attributes: { email: ['gavin@hooli.com'], groups: ['crm', 'all staff'] },
};
export const own: Signing = { key: keys.own };
export const requests = {
  sentAt: (id: string) => Promise.resolve(id === REQUEST ? new Date() : undefined),
};

/** `accepted`, `unsolicited`, or the reason of the refusal; anything else fails the test. */
export async function outcomeOf(xml: string | Buffer, at: SamlParty = party, now = new Date()) {
  try {
    const outcome = await verifyResponse(encoded(xml), at, requests, now);
    return outcome.kind === 'verified' ? 'accepted' : outcome.kind;
  } catch (error) {
    if (error instanceof SsoProblem) return error.reason;
    throw error;
  }
}

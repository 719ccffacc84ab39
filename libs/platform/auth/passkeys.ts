import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { hashToken, uuidBytes, uuidOf } from './located-token.js';

/** The site passkeys are made for; they answer to no other. */
export interface RelyingParty {
  readonly id: string;
  readonly origin: string;
  readonly name: string;
}

/** What is kept of a passkey: enough to check what it signs, nothing to sign with. */
export interface PasskeyParts {
  readonly credentialId: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly transports: readonly string[];
}

/** Whose passkey it is. */
interface Holder {
  readonly tenantId: string;
  readonly userId: string;
}

export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;
export type RequestOptions = PublicKeyCredentialRequestOptionsJSON;
/** What a browser answers after it asked a passkey, or made one. */
export type PasskeyAnswer = AuthenticationResponseJSON;
export type PasskeyMade = RegistrationResponseJSON;

// Loaded with the first passkey: it brings a parser of certificates nobody else needs.
const webauthn = () => import('@simplewebauthn/server');
const TIMEOUT_MS = 120_000;

/** The site of an address, such as `https://crm.example.com`. */
export function relyingParty(publicUrl: string): RelyingParty {
  const { hostname, origin } = new URL(publicUrl);
  return { id: hostname, origin, name: 'ClientForge' };
}

/** Whose passkey an answer says it is; undefined for what cannot be one. Proves nothing yet. */
export function holderOf({ response }: PasskeyAnswer): Holder | undefined {
  const hex = Buffer.from(response.userHandle ?? '', 'base64url').toString('hex');
  if (hex.length !== 64) return undefined;
  return { tenantId: uuidOf(hex.slice(0, 32)), userId: uuidOf(hex.slice(32)) };
}

/** The hash a passkey is found by. */
export function credentialHash(credentialId: string): Buffer {
  return hashToken(credentialId);
}

/** The challenge an answer was signed for; undefined where there is none. */
export function challengeOf({
  response,
}: {
  readonly response: { readonly clientDataJSON: string };
}): string | undefined {
  try {
    const text = Buffer.from(response.clientDataJSON, 'base64url').toString();
    const { challenge } = JSON.parse(text) as { challenge?: unknown };
    return typeof challenge === 'string'
      ? Buffer.from(challenge, 'base64url').toString()
      : undefined;
  } catch {
    return undefined;
  }
}

/** What a browser makes a passkey with; those the person has are left out. */
export async function creationOptions(
  party: RelyingParty,
  holder: Holder,
  shown: { readonly userName: string; readonly displayName: string },
  challenge: string,
  known: readonly PasskeyParts[],
): Promise<CreationOptions> {
  const { generateRegistrationOptions } = await webauthn();
  return generateRegistrationOptions({
    rpName: party.name,
    rpID: party.id,
    userID: new Uint8Array(Buffer.concat([uuidBytes(holder.tenantId), uuidBytes(holder.userId)])),
    userName: shown.userName,
    userDisplayName: shown.displayName,
    challenge,
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    excludeCredentials: known.map(descriptor),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** What a browser asks a passkey with: one of these, or any that this site has. */
export async function requestOptions(
  party: RelyingParty,
  challenge: string,
  known: readonly PasskeyParts[] = [],
): Promise<RequestOptions> {
  const { generateAuthenticationOptions } = await webauthn();
  return generateAuthenticationOptions({
    rpID: party.id,
    challenge,
    timeout: TIMEOUT_MS,
    userVerification: 'required',
    allowCredentials: known.map(descriptor),
  });
}

const descriptor = ({ credentialId: id, transports }: PasskeyParts) => ({
  id,
  transports: [...transports],
});
const signedFor = (challenge: string) => Buffer.from(challenge).toString('base64url');

/** A new passkey and its counter; undefined unless it is for this site, challenge and a person. */
export async function verifyMade(
  party: RelyingParty,
  made: PasskeyMade,
  challenge: string,
): Promise<{ readonly parts: PasskeyParts; readonly counter: number } | undefined> {
  const { verifyRegistrationResponse } = await webauthn();
  // The library throws an error for whatever is wrong with an answer.
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: made,
    expectedChallenge: signedFor(challenge),
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
  }).catch(() => ({ verified: false, registrationInfo: undefined }) as const);
  if (!verified || !registrationInfo) return undefined;
  const { id: credentialId, publicKey, counter, transports = [] } = registrationInfo.credential;
  const key = Buffer.from(publicKey).toString('base64url');
  return { parts: { credentialId, publicKey: key, transports }, counter };
}

/**
 * The counter of a passkey that signed for this site and challenge, with the person verified;
 * undefined for everything else. Whether it counted on is for whoever keeps the last one.
 */
export async function verifyAnswer(
  party: RelyingParty,
  answer: PasskeyAnswer,
  challenge: string,
  { credentialId, publicKey }: PasskeyParts,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await webauthn();
  const done = await verifyAuthenticationResponse({
    response: answer,
    expectedChallenge: signedFor(challenge),
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    credential: {
      id: credentialId,
      publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')),
      counter: 0,
    },
    requireUserVerification: true,
  }).catch(() => undefined);
  return done?.verified ? done.authenticationInfo.newCounter : undefined;
}

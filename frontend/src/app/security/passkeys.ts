import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { ApiError } from '../../data/api';

export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;
export type RequestOptions = PublicKeyCredentialRequestOptionsJSON;

/** Whether this browser knows passkeys. */
export const knowsPasskeys = (): boolean => 'PublicKeyCredential' in globalThis;

/** What a passkey of this device, or one nearby, signs; the browser asks which and whether. */
export function askPasskey(optionsJSON: RequestOptions): Promise<object> {
  return said(async () => {
    const { startAuthentication } = await import('@simplewebauthn/browser');
    return startAuthentication({ optionsJSON });
  }, 'No passkey was given. Try again, or use another way.');
}

/** A new passkey of this device, or one nearby. */
export function makePasskey(optionsJSON: CreationOptions): Promise<object> {
  return said(async () => {
    const { startRegistration } = await import('@simplewebauthn/browser');
    return startRegistration({ optionsJSON });
  }, 'No passkey was made. Try again, or choose another device.');
}

/** The browser's errors in words; why exactly it keeps to itself. */
async function said<Result>(work: () => Promise<Result>, otherwise: string): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { name } = error as Error;
    const message =
      name === 'InvalidStateError' ? 'This device has a passkey of yours already.' : otherwise;
    throw new ApiError('PASSKEY', message);
  }
}

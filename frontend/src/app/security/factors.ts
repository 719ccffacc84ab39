import { Injectable, inject } from '@angular/core';
import { Api } from '../../data/api';
import { askPasskey, makePasskey, type CreationOptions, type RequestOptions } from './passkeys';

/** What a sign-in still needs after the password. */
export interface SecondStep {
  readonly step: 'factor' | 'enrolment';
  readonly challenge: string;
  readonly factors: readonly string[];
}

/** What an authenticator app needs; shown once. */
export interface BegunFactor {
  readonly factorId: string;
  readonly secret: string;
  readonly uri: string;
}

/** What somebody can prove who they are with. */
export type ProofKind = 'totp' | 'passkey' | 'recovery_code' | 'password';

/** What was given as a proof; `passkey` is what one signed. */
export type Proof =
  { readonly code: string } | { readonly password: string } | { readonly passkey: object };

export interface Factor {
  readonly id: string;
  readonly kind: 'totp' | 'passkey';
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

/** One's own second factors, and what the workspace asks for. */
export interface FactorState {
  readonly factors: readonly Factor[];
  readonly recoveryCodesLeft: number;
  readonly required: boolean;
  readonly proofs: readonly ProofKind[];
  /** Fewest characters of a new password. */
  readonly passwordMinimum: number;
}

/** A factor that counts, with recovery codes where it is the first. */
export interface AddedFactor {
  readonly recoveryCodes: readonly string[] | null;
}

const AUTH = '/api/v1/auth';

/** Asks the API about one's own second factors. */
@Injectable({ providedIn: 'root' })
export class Factors {
  private readonly api = inject(Api);

  read(): Promise<FactorState> {
    return this.api.json(`${AUTH}/mfa`);
  }
  /** Proves who one is for the next ten minutes. */
  stepUp(proof: Proof): Promise<unknown> {
    return this.post('mfa/step-up', proof);
  }
  /** What a passkey of one's own signs for that. */
  async passkeyProof(): Promise<Proof> {
    return { passkey: await askPasskey(await this.post<RequestOptions>('mfa/step-up/passkey')) };
  }
  beginApp(name: string): Promise<BegunFactor> {
    return this.post('mfa/totp', { name });
  }
  confirmApp(code: string): Promise<AddedFactor> {
    return this.post('mfa/totp/confirm', { code });
  }
  async addPasskey(name: string): Promise<AddedFactor> {
    const passkey = await makePasskey(await this.post<CreationOptions>('passkeys/options'));
    return this.post('passkeys', { name, passkey });
  }
  rename(id: string, name: string): Promise<unknown> {
    return this.api.json(`${AUTH}/mfa/factors/${id}`, { method: 'PATCH', body: { name } });
  }
  remove(id: string): Promise<unknown> {
    return this.api.json(`${AUTH}/mfa/factors/${id}`, { method: 'DELETE' });
  }
  newCodes(): Promise<AddedFactor> {
    return this.post('mfa/recovery-codes');
  }

  private post<Data>(path: string, body?: object): Promise<Data> {
    return this.api.json<Data>(`${AUTH}/${path}`, { method: 'POST', ...(body ? { body } : {}) });
  }
}

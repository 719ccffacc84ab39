import { Injectable, inject } from '@angular/core';
import { Api } from '../../data/api';

/** A key as lists show it, never its text. */
export interface ApiKey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly allowedNetworks: readonly string[];
  readonly status: 'active' | 'expired' | 'revoked';
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly formerUntil: string | null;
  readonly lastUsedAt: string | null;
  readonly lastUsedIp: string | null;
}

/** A key with its text, which is shown once. */
export interface ShownApiKey {
  readonly apiKey: ApiKey;
  readonly key: string;
}

export interface ApiKeyInput {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string;
  readonly allowedNetworks: readonly string[];
}

const KEYS = '/api/v1/api-keys';

/** Asks the API about API keys. */
@Injectable({ providedIn: 'root' })
export class ApiKeys {
  private readonly api = inject(Api);

  list(everybody: boolean): Promise<readonly ApiKey[]> {
    return this.api.json(`${KEYS}?everybody=${everybody}`);
  }
  make(body: ApiKeyInput): Promise<ShownApiKey> {
    return this.api.json(KEYS, { body });
  }
  rotate(id: string): Promise<ShownApiKey> {
    return this.api.json(`${KEYS}/${id}/rotate`, { body: {} });
  }
  revoke(id: string): Promise<unknown> {
    return this.api.json(`${KEYS}/${id}`, { method: 'DELETE' });
  }
}

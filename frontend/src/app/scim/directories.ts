import { Injectable, inject } from '@angular/core';
import { Api } from '../../data/api';

/** Roles a directory may give; who owns a workspace is said in the workspace. */
export const directoryRoles = ['admin', 'manager', 'member', 'viewer'] as const;

/** A group of a directory and the role it gives. */
export interface GroupRole {
  readonly group: string;
  readonly role: string;
}

/** A connection to a directory, as lists show it. */
export interface Connection {
  readonly id: string;
  readonly name: string;
  readonly groupRoles: readonly GroupRole[] | null;
  readonly defaultRole: string | null;
  readonly tokenExpiresAt: string | null;
}

/** How a connection stands, and what the directory asked for last. */
export interface Setup {
  readonly baseUrl: string;
  readonly token: {
    readonly status: 'active' | 'expired' | 'revoked';
    readonly expiresAt: string;
    readonly formerUntil: string | null;
    readonly lastUsedAt: string | null;
  } | null;
  readonly requests: readonly DirectoryRequest[];
}
export interface DirectoryRequest {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly problem: string | null;
}

export interface ConnectionFields {
  readonly name: string;
  readonly defaultRole: string | null;
  readonly groupRoles: readonly GroupRole[];
}

const AT = '/api/v1/scimConnections';

/** Asks the API about directories that provision people. */
@Injectable({ providedIn: 'root' })
export class Directories {
  private readonly api = inject(Api);

  all(): Promise<readonly Connection[]> {
    return this.api.json(`${AT}?limit=100`);
  }
  setup(id: string): Promise<Setup> {
    return this.api.json(`${AT}/${id}/setup`);
  }
  add(fields: ConnectionFields): Promise<Connection> {
    return this.api.json(AT, { body: fields });
  }
  change(id: string, fields: ConnectionFields): Promise<Connection> {
    return this.api.json(`${AT}/${id}`, { method: 'PATCH', body: fields });
  }
  remove(id: string): Promise<void> {
    return this.api.json(`${AT}/${id}`, { method: 'DELETE' });
  }
  async makeToken(id: string): Promise<string> {
    const { token } = await this.api.json<{ token: string }>(`${AT}/${id}/token`, { body: {} });
    return token;
  }
  revokeToken(id: string): Promise<void> {
    return this.api.json(`${AT}/${id}/token`, { method: 'DELETE' });
  }
}

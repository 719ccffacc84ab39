import { Injectable, computed, inject, signal } from '@angular/core';
import { Api, apiError, type ApiError } from '../../data/api';
import { IdentityDocument } from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { currentPlace, usePlace } from '../../ui/format';

export interface Credentials {
  readonly workspace: string;
  readonly email: string;
  readonly password: string;
}

/** Who is signed in, where, and what they may do: permission → how far it reaches. */
export interface Identity {
  readonly user: { readonly id: string; readonly label: string; readonly email: string | null };
  readonly role: string | null;
  readonly workspace: {
    readonly name: string;
    readonly slug: string;
    readonly timeZone: string;
    readonly currency: string;
  };
  readonly permissions: Readonly<Record<string, string>>;
}

/** The refresh token comes as a cookie that no script reads. */
interface Tokens {
  readonly accessToken: string;
}

const AUTH = '/api/v1/auth';
/** Set while a sign-in stands, so that a visitor without one is not asked for a token first. */
const MARK = 'cf.signed-in';

/** The session: signs in and out, renews itself, knows the person. */
@Injectable({ providedIn: 'root' })
export class Session {
  private readonly api = inject(Api);
  private readonly graphql = inject(Graphql);
  private readonly known = signal<Identity | undefined>(undefined);
  readonly identity = this.known.asReadonly();
  readonly isSignedIn = computed(() => this.known() !== undefined);
  private readonly ended = signal(false);
  /** The session ended by itself; pages keep what they show until the person signs in again. */
  readonly hasEnded = this.ended.asReadonly();
  private starting: Promise<boolean> | undefined;

  constructor() {
    this.api.renew = () => this.renew();
    this.api.lost = () => {
      if (this.known()) this.ended.set(true);
      this.forget();
    };
  }

  /** Whether somebody is signed in; goes on with an earlier session after a reload. */
  start(): Promise<boolean> {
    if (this.known()) return Promise.resolve(true);
    this.starting ??= this.resume().finally(() => (this.starting = undefined));
    return this.starting;
  }

  /** Signs in; resolves with why not, or with nothing. */
  async signIn(credentials: Credentials): Promise<ApiError | undefined> {
    const { workspace, ...rest } = credentials;
    const body = workspace.trim() ? { workspace: workspace.trim(), ...rest } : rest;
    try {
      const tokens = await this.api.json<Tokens>(`${AUTH}/login`, { body, open: true });
      this.api.useToken(tokens.accessToken);
      await this.identify();
      return undefined;
    } catch (error) {
      return apiError(error);
    }
  }

  /** Goes on with a session that began elsewhere: by an invitation, or with a new password. */
  async enter(accessToken: string): Promise<void> {
    this.api.useToken(accessToken);
    await this.identify();
  }

  async signOut(): Promise<void> {
    await this.api.json(`${AUTH}/logout`, { body: {} }).catch(() => undefined);
    this.ended.set(false);
    this.forget();
  }

  /** Whether the person may do something, at least with some records. */
  may(permission: string): boolean {
    return this.known()?.permissions[permission] !== undefined;
  }

  /** Whether a change of a record with this owner would be accepted. */
  mayChange(collection: string, ownerId: string | null | undefined): boolean {
    const scope = this.known()?.permissions[`${collection}:update`];
    return scope === 'own' ? ownerId === this.known()?.user.id : scope !== undefined;
  }

  private async resume(): Promise<boolean> {
    if (!localStorage.getItem(MARK) || !(await this.api.renewOnce())) return false;
    try {
      await this.identify();
      return true;
    } catch (error) {
      if (apiError(error).offline) throw error;
      return false;
    }
  }

  private async identify(): Promise<void> {
    const { me, workspace } = await this.graphql.run(IdentityDocument, {});
    const { user, grants } = me;
    const timeZone = user?.timeZone ?? workspace?.timeZone ?? currentPlace().timeZone;
    usePlace({ timeZone, locale: user?.locale ?? workspace?.locale ?? currentPlace().locale });
    const identity: Identity = {
      user: { id: me.id, label: user?.label ?? 'You', email: user?.email ?? null },
      role: user?.role ?? null,
      workspace: {
        name: workspace?.name ?? 'Workspace',
        slug: workspace?.slug ?? '',
        timeZone,
        currency: workspace?.currency ?? 'USD',
      },
      permissions: Object.fromEntries(grants.map(({ permission, scope }) => [permission, scope])),
    };
    localStorage.setItem(MARK, '1');
    this.ended.set(false);
    this.known.set(identity);
  }

  /** One tab at a time: the cookie is shared, and each refresh token is good once. */
  private async renew(): Promise<string | undefined> {
    const ask = () => this.api.json<Tokens>(`${AUTH}/refresh`, { body: {}, open: true });
    try {
      const locks = globalThis.navigator?.locks;
      const tokens = locks ? await locks.request('cf.refresh', ask) : await ask();
      return tokens.accessToken;
    } catch (error) {
      if (apiError(error).offline) throw error;
      return undefined;
    }
  }

  private forget(): void {
    localStorage.removeItem(MARK);
    this.api.useToken(undefined);
    this.known.set(undefined);
  }
}

import { Injectable, computed, inject, signal } from '@angular/core';
import { Api, apiError, type ApiError } from '../../data/api';
import { IdentityDocument } from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { currentPlace, usePlace } from '../../ui/format';
import type { BegunFactor, SecondStep } from '../security/factors';

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
  /** With a first factor that was added on the way in. */
  readonly recoveryCodes?: readonly string[] | null;
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

  /** Signs in; resolves with why not, with what is left to do, or with nothing. */
  async signIn(credentials: Credentials): Promise<ApiError | SecondStep | undefined> {
    const { workspace, ...rest } = credentials;
    const body = workspace.trim() ? { workspace: workspace.trim(), ...rest } : rest;
    try {
      const path = `${AUTH}/login`;
      const answer = await this.api.json<Tokens | SecondStep>(path, { body, open: true });
      if ('challenge' in answer) return answer;
      await this.enter(answer.accessToken);
      return undefined;
    } catch (error) {
      return apiError(error);
    }
  }

  /** A key for an authenticator app, where the workspace asks for one. */
  beginFactor({ challenge }: SecondStep): Promise<BegunFactor> {
    return this.api.json(`${AUTH}/mfa/enrolment`, { body: { challenge }, open: true });
  }

  /** Completes a sign-in with a code; resolves with recovery codes where there are new ones. */
  async prove({ step, challenge }: SecondStep, code: string): Promise<readonly string[]> {
    const path = `${AUTH}/mfa/${step === 'enrolment' ? 'enrolment/confirm' : 'verify'}`;
    const body = { challenge, code };
    const answer = await this.api.json<Tokens>(path, { body, open: true });
    await this.enter(answer.accessToken);
    return answer.recoveryCodes ?? [];
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

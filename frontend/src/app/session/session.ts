import { Injectable, computed, inject, signal } from '@angular/core';
import { Api, apiError, type ApiError } from '../../data/api';
import { IdentityDocument } from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { currentPlace, usePlace } from '../../ui/format';
import type { BegunFactor, Proof, SecondStep } from '../security/factors';
import type { Share } from '../records/record-type';
import {
  askPasskey,
  makePasskey,
  type CreationOptions,
  type RequestOptions,
} from '../security/passkeys';

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
  /** Type of records → fields that are not seen or not changed. */
  readonly fields: Readonly<Record<string, FieldRights>>;
  /** Permission that the plan withholds → why, and what to do. */
  readonly withheld: Readonly<Record<string, Withheld>>;
}

export interface Withheld {
  readonly message: string;
  readonly remedy: string | null;
}

export interface FieldRights {
  readonly hidden: readonly string[];
  /** Hidden ones included. */
  readonly locked: readonly string[];
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
  private readonly closed = signal(false);
  /** It ended because the account may not sign in any more. */
  readonly isShutOut = this.closed.asReadonly();
  private starting: Promise<boolean> | undefined;

  constructor() {
    this.api.renew = () => this.renew();
    this.api.lost = (rule) => {
      if (this.known()) {
        this.closed.set(rule === 'account');
        this.ended.set(true);
      }
      this.forget();
    };
  }

  /** Whether somebody is signed in; goes on with an earlier session after a reload. */
  start(): Promise<boolean> {
    if (this.known()) return Promise.resolve(true);
    this.starting ??= this.resume().finally(() => (this.starting = undefined));
    return this.starting;
  }

  /** Goes on with a session that an identity provider led to, whose cookie is there already. */
  adopt(): Promise<boolean> {
    localStorage.setItem(MARK, '1');
    return this.start();
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

  /** A new passkey, where the workspace asks for a factor and there is none. */
  async firstPasskey({ challenge }: SecondStep): Promise<{ readonly passkey: object }> {
    const path = `${AUTH}/mfa/enrolment/passkey`;
    const options = await this.api.json<CreationOptions>(path, { body: { challenge }, open: true });
    return { passkey: await makePasskey(options) };
  }

  /** Signs in with a passkey alone. */
  async signInByPasskey(): Promise<void> {
    const { passkey } = await this.passkeyProof('passkeys/sign-in/options', {});
    const body = { passkey };
    const path = `${AUTH}/passkeys/sign-in`;
    const { accessToken } = await this.api.json<Tokens>(path, { body, open: true });
    await this.enter(accessToken);
  }

  /** What a passkey signs to complete a sign-in. */
  secondPasskey({ challenge }: SecondStep): Promise<{ readonly passkey: object }> {
    return this.passkeyProof('mfa/verify/passkey', { challenge });
  }

  /** Has a code sent by e-mail to complete a sign-in with. */
  mailCode({ challenge }: SecondStep): Promise<unknown> {
    return this.api.json(`${AUTH}/mfa/verify/email`, { body: { challenge }, open: true });
  }

  private async passkeyProof(path: string, body: object): Promise<{ readonly passkey: object }> {
    const options = await this.api.json<RequestOptions>(`${AUTH}/${path}`, { body, open: true });
    return { passkey: await askPasskey(options) };
  }

  /** Completes a sign-in with a proof; resolves with recovery codes where there are new ones. */
  async prove({ step, challenge }: SecondStep, proof: Proof): Promise<readonly string[]> {
    const path = `${AUTH}/mfa/${step === 'enrolment' ? 'enrolment/confirm' : 'verify'}`;
    const body = { challenge, ...proof };
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
    const known = this.known();
    return known?.permissions[permission] !== undefined && !known.withheld[permission];
  }

  /** Why the plan lets nobody do what the person's role allows; undefined where it is not the plan. */
  withheld(permission: string): Withheld | undefined {
    const known = this.known();
    return known?.permissions[permission] === undefined ? undefined : known.withheld[permission];
  }

  /** Whether a change of a record with this owner would be accepted. */
  mayChange(
    collection: string,
    ownerId: string | null | undefined,
    shares: readonly Share[] = [],
  ): boolean {
    const reaches = this.reaches(`${collection}:update`, ownerId);
    return reaches ?? shares.some((one) => this.isOpenedBy(one));
  }

  /** Whether the person may open such a record to others. */
  mayShare(collection: string, ownerId: string | null | undefined): boolean {
    return this.reaches(`${collection}:share`, ownerId) ?? false;
  }

  /** Undefined where the permission is there and the record somebody else's. */
  private reaches(permission: string, ownerId: string | null | undefined): boolean | undefined {
    const scope = this.known()?.permissions[permission];
    if (scope !== 'own') return scope !== undefined;
    return ownerId === this.known()?.user.id ? true : undefined;
  }
  /** Who is in a team only the server knows. */
  private isOpenedBy({ granteeType, granteeId, access, until }: Share): boolean {
    const mine = granteeType === 'team' || granteeId === this.known()?.user.id;
    return mine && access === 'change' && (until === null || Date.parse(until) > Date.now());
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
      fields: Object.fromEntries(me.fields.map(({ record, ...rights }) => [record, rights])),
      withheld: Object.fromEntries(me.withheld.map(({ permission, ...why }) => [permission, why])),
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

import { Injectable, inject } from '@angular/core';
import { Api } from '../../data/api';

/** Who needs a second factor, from when on, and what does for one. */
export interface FactorPolicy {
  readonly requiredRoles: readonly string[];
  readonly enforcedFrom: string | null;
  readonly emailCodes: boolean;
}

/** How people sign in, with whom a second factor would stop. */
export interface SignInPolicy {
  readonly secondFactor: FactorPolicy;
  readonly people: readonly {
    readonly role: string;
    readonly people: number;
    readonly withoutFactor: number;
  }[];
  readonly password: { readonly alone: number; readonly besideFactor: number };
  readonly sessions: { readonly idleDays: number; readonly stepUpMinutes: number };
}

const people = (count: number) => (count === 1 ? '1 person' : `${count} people`);

/** What a policy means for those who have no second factor, in a sentence or two. */
export function consequence(
  policy: Pick<SignInPolicy, 'people'>,
  { requiredRoles, enforcedFrom, emailCodes }: FactorPolicy,
  now = new Date(),
): string {
  if (requiredRoles.length === 0) {
    return 'Nobody needs a second factor. Whoever has one is asked for it all the same.';
  }
  const asked = policy.people.filter(({ role }) => requiredRoles.includes(role));
  const without = asked.reduce((sum, one) => sum + one.withoutFactor, 0);
  if (without === 0) return 'Everybody it concerns has a second factor already.';
  const start = `${people(without)} of these roles ${without === 1 ? 'has' : 'have'} no second factor.`;
  if (emailCodes) return `${start} They get a code by e-mail whenever they sign in.`;
  const isLater = enforcedFrom !== null && new Date(enforcedFrom) > now;
  return isLater
    ? `${start} Until then they sign in as before; afterwards they add one when they next sign in.`
    : `${start} Their sessions end within minutes, and they add one when they next sign in.`;
}

/** Asks the API how people sign in, and changes it. */
@Injectable({ providedIn: 'root' })
export class SignInPolicies {
  private readonly api = inject(Api);

  read(): Promise<SignInPolicy> {
    return this.api.json('/api/v1/tenant/sign-in-policy');
  }
  change(body: FactorPolicy): Promise<unknown> {
    return this.api.json('/api/v1/tenant/mfa-policy', { method: 'PATCH', body });
  }
}

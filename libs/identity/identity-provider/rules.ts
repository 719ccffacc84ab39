import { X509Certificate } from 'node:crypto';
import { stateOf, type FactRequests } from '#kernel/command';
import { recordRefusals } from '#kernel/record-rules';
import { refuseWith, type Refusal, type RefusalDetail } from '#kernel/refusal';
import type { IdentityProviderValues } from '#event-schemas/identity/identity-provider.events';
import { user, type UserState } from '../user/user.js';

export const refuse = refuseWith({
  NOT_FOUND: recordRefusals.NOT_FOUND,
  PROVIDER_INCOMPLETE: {
    category: 'rule',
    message: 'The identity provider lacks what it needs to be active.',
  },
  CERTIFICATE_INVALID: {
    category: 'rule',
    message: 'A certificate cannot be used to check signatures.',
  },
  BREAK_GLASS_MISSING: {
    category: 'rule',
    message: 'Forcing single sign-on needs an active owner who may still use a password.',
  },
});

/** Fields each kind needs before people may sign in through it. */
const NEEDED = {
  saml: ['entityId', 'signOnUrl', 'certificates'],
  oidc: ['issuerUrl', 'clientId'],
} as const;

const WEAKEST_KEY_BITS = 2048;

/** Why a PEM text is no certificate we check signatures with; undefined when it is one. */
function certificateProblem(pem: string): string | undefined {
  try {
    const { publicKey } = new X509Certificate(pem);
    if (publicKey.asymmetricKeyType !== 'rsa') return 'has no RSA key';
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    return bits < WEAKEST_KEY_BITS ? `has a key of ${bits} bits` : undefined;
  } catch {
    return 'is no certificate';
  }
}

function certificateDetails(certificates: readonly string[] | null): RefusalDetail[] {
  return (certificates ?? []).flatMap((pem, index): RefusalDetail[] => {
    const problem = certificateProblem(pem);
    if (!problem) return [];
    return [
      {
        field: 'certificates',
        rule: 'certificate',
        message: `Certificate ${index + 1} ${problem}.`,
        remedy: `Give an X.509 certificate in PEM with an RSA key of ${WEAKEST_KEY_BITS} bits or more.`,
      },
    ];
  });
}

function missingDetails(values: IdentityProviderValues): RefusalDetail[] {
  const filled = (value: unknown) => (Array.isArray(value) ? value.length > 0 : Boolean(value));
  const names = ['domains', ...NEEDED[values.kind]] as const;
  return names
    .filter((name) => !filled(values[name]))
    .map((field) => ({
      field,
      rule: 'required',
      message: `${field} is empty.`,
      remedy: `Give ${field}, or leave isActive out.`,
    }));
}

/** People named as break-glass owners, read for `providerProblem`. */
export function breakGlassFacts(ids: readonly string[] | null | undefined): FactRequests {
  return Object.fromEntries((ids ?? []).map((id) => [`breakGlass:${id}`, stateOf(user, id)]));
}

/** Refuses a provider that could not work, or that would shut everybody out. */
export function providerProblem(
  values: IdentityProviderValues,
  facts: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  const broken = certificateDetails(values.certificates ?? null);
  if (broken.length > 0) return refuse('CERTIFICATE_INVALID', ...broken);
  if (!values.isActive) return undefined;
  const missing = missingDetails(values);
  if (missing.length > 0) return refuse('PROVIDER_INCOMPLETE', ...missing);
  if (!values.isForced) return undefined;
  const stays = (values.breakGlassIds ?? []).some((id) => {
    const person = facts[`breakGlass:${id}`] as UserState | undefined;
    return person?.status === 'active' && person.role === 'owner';
  });
  if (stays) return undefined;
  return refuse('BREAK_GLASS_MISSING', {
    field: 'breakGlassIds',
    rule: 'ownership',
    message: 'breakGlassIds names no active owner.',
    remedy: 'Name at least one active owner whose password stays good.',
  });
}

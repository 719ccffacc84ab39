import { signInPolicy } from '../auth/sign-in-policy.js';
import type { AuthServices } from './auth.js';
import type { Endpoint } from './endpoint.js';
import { count, instant, listOf, maybe, objectOf, text } from './schemas.js';

const policy = objectOf({
  secondFactor: objectOf({
    requiredRoles: listOf(text),
    enforcedFrom: maybe(instant),
    emailCodes: { type: 'boolean' },
  }),
  people: {
    ...listOf(objectOf({ role: text, people: count, withoutFactor: count })),
    description: 'Active people by role, and those with a password and no second factor.',
  },
  password: {
    ...objectOf({ alone: count, besideFactor: count }),
    description: 'Fewest characters of a new password: alone, and beside a required factor.',
  },
  sessions: objectOf({
    idleDays: { ...count, description: 'Days without use after which a sign-in is over.' },
    stepUpMinutes: { ...count, description: 'Minutes a proof is good for dangerous actions.' },
  }),
});

/** How people sign in, for those who may change it. */
export function signInPolicyEndpoints({ platform, signIn }: AuthServices): Endpoint[] {
  return [
    {
      operation: 'sign_in_policy',
      method: 'GET',
      path: '/tenant/sign-in-policy',
      tag: 'workspace',
      summary: 'Read how people sign in',
      description:
        'Who needs a second factor and whom that would stop, how long passwords have to be, and ' +
        'how long sessions last. Change it at PATCH /tenant/mfa-policy and with the setting ' +
        'security.passwordMinLength.',
      access: { permission: 'tenant:update' },
      answer: { status: 200, description: 'The policy, with what follows from it.', data: policy },
      handle: async ({ caller }) => ({
        data: await signInPolicy(platform, caller.tenantId, signIn.sessions.refreshDays),
      }),
    },
  ];
}

import { defineCommand, type Decision } from '#kernel/command';
import { object, text, uuid } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { isAbsent, refuse } from '../user/rules.js';
import { user } from '../user/user.js';

/**
 * What stands for somebody at a provider. The issuer belongs to it: a subject is unique only there,
 * and a provider that is pointed at another issuer must not speak for the people of the first.
 */
export function identityKey(providerId: string, issuer: string, subject: string): string {
  return JSON.stringify([providerId, issuer, subject]);
}

export const linkIdentity = defineCommand({
  name: 'LinkIdentity',
  description: 'Lets a person sign in as somebody an identity provider knows.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/identities' },
  input: object({ identityProviderId: uuid(), issuer: text(1000), subject: text(1000) }),
  decide({ identityProviderId, issuer, subject }, state, ctx): Decision<UserEvent> {
    if (isAbsent(state)) return refuse('NOT_FOUND');
    return {
      events: [{ type: 'UserIdentityLinked', data: { userId: ctx.id, identityProviderId } }],
      take: [{ scope: 'sso-identity', value: identityKey(identityProviderId, issuer, subject) }],
    };
  },
  inverse: { irreversible: 'The person may have signed in with it; deactivate them instead.' },
});

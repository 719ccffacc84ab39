import { scopeOf, type Grants } from '#kernel/context';
import { refusal, type Refusal } from '#kernel/refusal';
import { standingOf } from '#apps/composition/standing';
import { usableApiKey } from '#platform/auth/api-keys';
import { readApiKey } from '#platform/auth/api-keys-text';
import type { Platform } from '#platform/platform';
import { unauthenticated } from '../http/answers.js';

/** What no key may do: keys are made by people who have just proved who they are. */
export const NEVER_BY_KEY: ReadonlySet<string> = new Set(['apiKeys:create', 'apiKeys:delete']);

export const wrongNetwork = refusal(
  'API_KEY_NETWORK',
  'forbidden',
  'This API key may not be used from your address.',
  [
    {
      field: 'Authorization',
      rule: 'network',
      message: 'The key is bound to other addresses.',
      remedy: 'Use it from one of its allowed networks, or make a key for this one.',
    },
  ],
);

/** What a person has, as far as the key was given it. */
export function within(grants: Grants, scopes: readonly string[]): Grants {
  const entries = scopes.flatMap((scope) => {
    const reach = NEVER_BY_KEY.has(scope) ? undefined : scopeOf(grants, scope);
    return reach ? [[scope, reach] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** What is true of whoever uses a key, for the next seconds. */
export async function apiKeyStanding(platform: Platform, token: string, now: Date) {
  const given = readApiKey(token);
  const bad = () =>
    unauthenticated('The API key is not valid, has run out or was revoked.') as Refusal;
  if (!given) return bad();
  const { tenantId } = given;
  const key = await platform.database.tenant(tenantId, (db) => usableApiKey(db, given, now));
  if (!key) return bad();
  const standing = await standingOf(platform, tenantId, key.userId);
  if (!standing) return unauthenticated('The holder of this API key may not sign in at present.');
  const withheld = standing.withheld['apiKeys:create'];
  if (withheld) return withheld;
  const actor = { type: 'user', id: key.userId } as const;
  const grants = within(standing.grants, key.scopes);
  // A key is no session: what a session has proved it has not.
  return { tenantId, actor, ...standing, grants, sessionId: key.id, apiKey: key };
}

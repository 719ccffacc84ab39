import { defineEvent } from '#kernel/event';
import { instant, list, object, Type, uuid } from '#kernel/fields';

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const SAMPLE_KEY = '01890a5d-ac96-774b-bcce-b302099a805c';
const userId = uuid();
const apiKeyId = uuid({ description: 'The key, as the list of keys names it.' });

/** Scopes of a key: permissions such as `companies:read`. */
export const apiKeyScopes = () =>
  list(Type.String({ pattern: '^[A-Za-z]{1,60}:[a-z]{1,30}$' }), 200, {
    description: 'Permissions the key has, as far as its holder has them.',
    examples: [['companies:read', 'deals:read']],
  });

/** What happens to the API keys of a person; the keys themselves are in no event. */
export const userApiKeyEvents = {
  apiKeyMade: defineEvent({
    type: 'UserApiKeyMade',
    action: 'api_key_made',
    schema: object({
      userId,
      apiKeyId,
      scopes: apiKeyScopes(),
      expiresAt: instant({ description: 'When it stops being good by itself.' }),
    }),
    samples: {
      1: {
        userId: SAMPLE_ID,
        apiKeyId: SAMPLE_KEY,
        scopes: ['companies:read', 'deals:read'],
        expiresAt: '2026-04-15T10:00:00.000Z',
      },
    },
  }),
  apiKeyRotated: defineEvent({
    type: 'UserApiKeyRotated',
    action: 'api_key_rotated',
    schema: object({
      userId,
      apiKeyId,
      formerUntil: instant({ description: 'Until when the one before it is good.' }),
    }),
    samples: {
      1: { userId: SAMPLE_ID, apiKeyId: SAMPLE_KEY, formerUntil: '2026-01-16T10:00:00.000Z' },
    },
  }),
  apiKeyRevoked: defineEvent({
    type: 'UserApiKeyRevoked',
    action: 'api_key_revoked',
    schema: object({ userId, apiKeyId }),
    samples: { 1: { userId: SAMPLE_ID, apiKeyId: SAMPLE_KEY } },
  }),
} as const;

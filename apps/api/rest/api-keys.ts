import {
  instant as instantField,
  integer,
  list,
  object,
  optional,
  text as textField,
  type TObject,
} from '#kernel/fields';
import { isUuid } from '#kernel/ids';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { apiKeyScopes } from '#event-schemas/identity/user-api-keys.events';
import { API_KEY_DAYS, type ApiKey } from '#platform/auth/api-keys';
import { ApiKeys, type ApiKeyInput, type ShownApiKey } from '../auth/api-keys.js';
import { BODY_LIMIT, checked, originOf, type AuthServices } from './auth.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { instant, listOf, maybe, objectOf, plain, text, uuid } from './schemas.js';
import { notFound } from './services.js';
import { lifeFields, lifeOf } from './token-life.js';

const makeInput = object({
  name: textField(100, { description: 'What it is for.', examples: ['Nightly export'] }),
  scopes: { ...apiKeyScopes(), minItems: 1 } as ReturnType<typeof apiKeyScopes>,
  expiresAt: optional(
    instantField({ description: `At most a year away; ${API_KEY_DAYS} days when left out.` }),
  ),
  allowedNetworks: optional(
    list(textField(50, { examples: ['203.0.113.0/24'] }), 50, {
      description: 'Addresses or networks it may be used from; anywhere when left out.',
    }),
  ),
}) as unknown as TObject;
const rotateInput = object({
  overlapHours: optional(
    integer(0, 168, { description: 'Hours the former key stays good; 24 when left out.' }),
  ),
}) as unknown as TObject;

const record = objectOf({
  id: uuid,
  userId: uuid,
  name: text,
  scopes: listOf(text),
  allowedNetworks: listOf(text),
  createdAt: instant,
  rotatedAt: maybe(instant),
  ...lifeFields,
});
const made = objectOf({
  apiKey: record,
  key: { ...text, description: 'Send it as Authorization: Bearer …; shown this once.' },
});

function shown(key: ApiKey, now: Date) {
  const { id, userId, name, scopes, allowedNetworks, createdAt, rotatedAt } = key;
  return {
    id,
    userId,
    name,
    scopes,
    allowedNetworks,
    createdAt: createdAt.toISOString(),
    rotatedAt: rotatedAt?.toISOString() ?? null,
    ...lifeOf(key, now),
  };
}

/** Keys for programs: made, listed, replaced, revoked. */
export function apiKeyEndpoints(services: AuthServices): Endpoint[] {
  const { platform, callers, signIn } = services;
  const keys = new ApiKeys(platform, callers, signIn.journal);
  const missing = notFound({ record: 'API key' });
  const told = ({ key, record: one }: ShownApiKey, status: number): Answer => ({
    status,
    data: { apiKey: shown(one, platform.clock()), key },
  });
  const idOf = ({ params }: Call) => {
    const id = params['id']!.toLowerCase();
    return isUuid(id) ? id : undefined;
  };
  return [
    {
      operation: 'api_keys',
      method: 'GET',
      path: '/api-keys',
      tag: 'api-keys',
      summary: 'List API keys',
      description: 'One’s own, the newest first; those that ran out or were revoked stay listed.',
      access: { permission: 'apiKeys:read' },
      query: [
        {
          name: 'everybody',
          description: 'Those of everybody, for administrators; others get their own.',
          schema: { type: 'string', enum: ['true', 'false'] },
        },
      ],
      answer: { status: 200, description: 'The keys, never their text.', data: listOf(record) },
      handle: async ({ caller, query }) => {
        const found = await keys.list(caller, query['everybody'] === 'true');
        if (isRefusal(found)) return found as Refusal;
        const now = platform.clock();
        return { data: (found as readonly ApiKey[]).map((one) => shown(one, now)) };
      },
    },
    {
      operation: 'make_api_key',
      method: 'POST',
      path: '/api-keys',
      tag: 'api-keys',
      summary: 'Make an API key',
      description:
        'A key acts for the person who makes it, with those of its `scopes` that person has at the ' +
        'moment of each request. It looks like `cf_live_<id>_<secret><checksum>`, so that scanners ' +
        'of source code find it; only a hash of it is stored. Both APIs take it as ' +
        '`Authorization: Bearer …`.',
      access: { permission: 'apiKeys:create' },
      stepUp: true,
      bodyLimit: BODY_LIMIT,
      body: plain(makeInput),
      example: { name: 'Nightly export', scopes: ['companies:read', 'deals:read'] },
      answer: { status: 201, description: 'The key, shown this once.', data: made },
      refusals: ['422 SCOPE_NOT_HELD', '422 TOO_MANY_API_KEYS'],
      handle: async ({ caller, request, body }) => {
        const input = checked<ApiKeyInput>(makeInput, body);
        if (isRefusal(input)) return input as Refusal;
        const done = await keys.make(caller, input as ApiKeyInput, originOf(request));
        return 'refused' in done ? done : told(done, 201);
      },
    },
    {
      operation: 'rotate_api_key',
      method: 'POST',
      path: '/api-keys/:id/rotate',
      tag: 'api-keys',
      summary: 'Replace an API key',
      description:
        'The former one stays good for some hours, so that programs can be changed over.',
      access: { permission: 'apiKeys:create' },
      stepUp: true,
      bodyLimit: BODY_LIMIT,
      body: plain(rotateInput),
      answer: { status: 200, description: 'The new key, shown this once.', data: made },
      refusals: ['404 NOT_FOUND', '422 API_KEY_GONE'],
      handle: async (call) => {
        const id = idOf(call);
        if (!id) return missing;
        const input = checked<{ overlapHours?: number }>(rotateInput, call.body);
        if (isRefusal(input)) return input as Refusal;
        const { overlapHours = 24 } = input as { overlapHours?: number };
        const done = await keys.rotate(call.caller, id, overlapHours, originOf(call.request));
        return 'refused' in done ? done : told(done, 200);
      },
    },
    {
      operation: 'revoke_api_key',
      method: 'DELETE',
      path: '/api-keys/:id',
      tag: 'api-keys',
      summary: 'Revoke an API key',
      description: 'It stops being good within seconds; administrators revoke those of others too.',
      access: { permission: 'apiKeys:delete' },
      answer: { status: 204, description: 'Revoked.' },
      refusals: ['404 NOT_FOUND'],
      handle: async (call) => {
        const id = idOf(call);
        if (!id) return missing;
        const refused = await keys.revoke(call.caller, id, originOf(call.request));
        return refused ?? { status: 204 };
      },
    },
  ];
}

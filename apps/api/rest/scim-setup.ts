import { instant as instantField, integer, object, optional, type TObject } from '#kernel/fields';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { scimConnections } from '#projections/identity/scim-connections';
import {
  SCIM_TOKEN_DAYS,
  scimRequests,
  scimToken,
  type ScimToken,
} from '#platform/auth/scim-tokens';
import { SCIM_PREFIX } from '../scim/schemas.js';
import { ScimTokens, type MadeScimToken } from '../scim/scim-tokens.js';
import { BODY_LIMIT, checked, type AuthServices } from './auth.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { count, instant, listOf, maybe, objectOf, plain, text } from './schemas.js';
import { parentOf } from './services.js';
import { lifeFields, lifeOf } from './token-life.js';

const makeInput = object({
  expiresAt: optional(
    instantField({ description: `At most and by default ${SCIM_TOKEN_DAYS} days away.` }),
  ),
  overlapHours: optional(
    integer(0, 168, { description: 'Hours the former token stays good; 24 when left out.' }),
  ),
}) as unknown as TObject;

const token = objectOf({ madeAt: instant, ...lifeFields });

const shown = (one: ScimToken, now: Date) => ({
  madeAt: one.madeAt.toISOString(),
  ...lifeOf(one, now),
});

/** What administrators connect a directory with: address, token, and its latest requests. */
export function scimSetupEndpoints(services: AuthServices): Endpoint[] {
  const { platform, publicUrl } = services;
  const tokens = new ScimTokens(platform);
  const baseUrl = publicUrl.replace(/\/$/, '') + SCIM_PREFIX;
  /** The id of a connection the caller sees, or why there is none. */
  const found = async ({ caller, params }: Call): Promise<string | Refusal> => {
    const row = await parentOf(services, caller, scimConnections, params['id']!, true);
    return isRefusal(row) ? row : String(row['id']);
  };

  const setup = async (call: Call): Promise<Answer | Refusal> => {
    const id = await found(call);
    if (isRefusal(id)) return id;
    const { tenantId } = call.caller;
    const [known, requests] = await platform.database.tenant(tenantId, async (db) => [
      await scimToken(db, tenantId, id),
      await scimRequests(db, tenantId, id),
    ]);
    return {
      data: {
        baseUrl,
        token: known ? shown(known, platform.clock()) : null,
        requests: requests.map(({ at, ...one }) => ({ at: at.toISOString(), ...one })),
      },
    };
  };

  const make = async (call: Call): Promise<Answer | Refusal> => {
    const input = checked<{ expiresAt?: string; overlapHours?: number }>(
      makeInput,
      call.body ?? {},
    );
    if (isRefusal(input)) return input as Refusal;
    const id = await found(call);
    if (isRefusal(id)) return id;
    const { expiresAt, overlapHours = 24 } = input as { expiresAt?: string; overlapHours?: number };
    const given = { overlapHours, ...(expiresAt ? { expiresAt } : {}) };
    const done = await tokens.make(call.caller, id, given);
    if (isRefusal(done)) return done as Refusal;
    const { token: secret, record } = done as MadeScimToken;
    return { status: 201, data: { ...shown(record, platform.clock()), token: secret } };
  };

  const revoke = async (call: Call): Promise<Answer | Refusal> => {
    const id = await found(call);
    if (isRefusal(id)) return id;
    return (await tokens.revoke(call.caller, id)) ?? { status: 204 };
  };

  const common = { tag: 'scim', refusals: ['404 NOT_FOUND'] };
  const access = { permission: 'scimConnections:update' };
  const { properties } = token as { properties: Record<string, object> };
  return [
    {
      ...common,
      operation: 'scim_setup',
      method: 'GET',
      path: '/scimConnections/:id/setup',
      summary: 'Read how a directory is connected',
      description: 'The address to enter there, its token, and what it asked for last.',
      access,
      answer: {
        status: 200,
        description: 'Never the token itself; requests without their queries.',
        data: objectOf({
          baseUrl: text,
          token: maybe(token),
          requests: listOf(
            objectOf({
              at: instant,
              method: text,
              path: text,
              status: count,
              problem: maybe(text),
            }),
          ),
        }),
      },
      handle: setup,
    },
    {
      ...common,
      operation: 'make_scim_token',
      method: 'POST',
      path: '/scimConnections/:id/token',
      summary: 'Make or replace the token of a directory',
      description:
        'It looks like `cf_scim_<id>_<secret><checksum>` and is stored as a hash. The one before ' +
        'stays good for some hours, so that the directory can be changed over.',
      access,
      stepUp: true,
      bodyLimit: BODY_LIMIT,
      body: plain(makeInput),
      answer: {
        status: 201,
        description: 'The token, shown this once.',
        data: objectOf({ ...properties, token: text }),
      },
      handle: make,
    },
    {
      ...common,
      operation: 'revoke_scim_token',
      method: 'DELETE',
      path: '/scimConnections/:id/token',
      summary: 'Revoke the token of a directory',
      access,
      answer: { status: 204, description: 'No request is answered with it any more.' },
      handle: revoke,
    },
  ];
}

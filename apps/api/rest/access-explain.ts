import {
  accessReasons,
  explainAccess,
  explainEverybody,
  type AccessExplanation,
} from '#apps/composition/explain-access';
import { scopeOf, type RequestContext } from '#kernel/context';
import { isUuid } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { shareAccess } from '#kernel/sharing';
import { permissions } from '#identity/access/grants';
import { limitables } from '#identity/access/field-limits';
import { systemRoles } from '#identity/access/roles';
import type { Platform } from '#platform/platform';
import { forbidden, type Answer, type Call, type Endpoint, type Parameter } from './endpoint.js';
import { cursor, limit, momentOf, wholeOf } from './parameters.js';
import { instant, listOf, maybe, objectOf, text, uuid } from './schemas.js';
import type { Services } from './services.js';

const OF_OTHERS = 'users:administer';

/** What a caller asks of access: their own, unless they administer people. */
export interface AskedAccess {
  readonly user?: string | undefined;
  readonly action?: string | undefined;
  readonly record?: string | undefined;
  readonly at?: Date | undefined;
}

/** Answers for REST and GraphQL alike. */
export async function explainFor(
  platform: Platform,
  caller: RequestContext,
  { user, action, record, at }: AskedAccess,
): Promise<AccessExplanation | Refusal> {
  const userId = user?.toLowerCase() ?? caller.actor.id;
  if (userId !== caller.actor.id && !scopeOf(caller.grants, OF_OTHERS)) return forbidden(OF_OTHERS);
  if (!isUuid(userId)) {
    const message = 'user is not a valid uuid.';
    return refusal('VALIDATION_ERROR', 'shape', message, [
      { field: 'user', rule: 'uuid', message, remedy: 'Give the id of a person.' },
    ]);
  }
  return explainAccess(platform, {
    tenantId: caller.tenantId,
    userId,
    action: action ?? '',
    ...(record === undefined ? {} : { recordId: record.toLowerCase() }),
    at: at ?? platform.clock(),
  });
}

async function explain({ platform }: Services, { query, caller }: Call): Promise<Answer | Refusal> {
  const at = momentOf('at', query['at'], caller.timeZone);
  if (isRefusal(at)) return at;
  const word = (name: string) => (query[name] === undefined ? undefined : String(query[name]));
  const asked = { user: word('user'), action: word('action'), record: word('record') };
  const explained = await explainFor(platform, caller, { ...asked, at: at as Date | undefined });
  return isRefusal(explained) ? (explained as Refusal) : { data: explained };
}

/** Who may do something, of everybody in the workspace. */
async function explainAll(
  { platform }: Services,
  { query, caller }: Call,
): Promise<Answer | Refusal> {
  const at = momentOf('at', query['at'], caller.timeZone);
  if (isRefusal(at)) return at;
  const size = wholeOf('limit', query['limit'], [1, 100], 20);
  if (typeof size === 'object') return size;
  const after = query['cursor'];
  if (after !== undefined && !isUuid(after)) {
    const message = 'The cursor does not belong to this list.';
    return refusal('VALIDATION_ERROR', 'shape', message, [
      { field: 'cursor', rule: 'cursor', message, remedy: 'Give pagination.nextCursor.' },
    ]);
  }
  const record = query['record'];
  const found = await explainEverybody(
    platform,
    {
      tenantId: caller.tenantId,
      action: String(query['action'] ?? ''),
      ...(record === undefined ? {} : { recordId: String(record).toLowerCase() }),
      at: (at as Date | undefined) ?? platform.clock(),
    },
    { limit: size, after },
  );
  if (isRefusal(found)) return found as Refusal;
  const { all, next } = found as Exclude<typeof found, Refusal>;
  return {
    data: all,
    pagination: {
      limit: size,
      hasNext: next !== null,
      hasPrev: after !== undefined,
      nextCursor: next,
    },
  };
}

const scope = { type: 'string', enum: ['all', 'team', 'own'] } as const;
export const explanation = objectOf({
  allowed: { type: 'boolean' },
  reason: { type: 'string', enum: accessReasons },
  message: text,
  userId: uuid,
  action: text,
  at: instant,
  scope: maybe(scope),
  sources: listOf(
    objectOf({
      kind: { type: 'string', enum: ['system_role', 'role'] },
      id: maybe(uuid),
      name: text,
      scope,
    }),
  ),
  record: maybe(objectOf({ type: text, id: uuid, ownerId: maybe(uuid) })),
  teams: listOf(objectOf({ id: uuid, name: text })),
  share: maybe(
    objectOf({
      granteeType: { type: 'string', enum: ['user', 'team'] },
      granteeId: uuid,
      access: { type: 'string', enum: shareAccess },
      until: maybe(instant),
      team: maybe(text),
    }),
  ),
});

/** The roles of every workspace, each permission there is, and each field that can be limited. */
export function roleCatalogue() {
  const roles = Object.values(systemRoles).map(({ name, description, grants }) => ({
    name,
    description,
    grants: Object.entries(grants).map(([permission, reach]) => ({ permission, scope: reach })),
  }));
  const fields = Object.entries(limitables).map(([collection, { hideable, lockable }]) => ({
    collection,
    hideable,
    lockable,
  }));
  return { permissions, roles, fields };
}

const asked: readonly Parameter[] = [
  {
    name: 'action',
    description: 'The permission: `deals:update`.',
    schema: { type: 'string', enum: permissions },
    required: true,
  },
  { name: 'record', description: 'Id of a record of the collection.', schema: uuid },
  {
    name: 'at',
    description: 'An instant, or the end of a day; now when left out.',
    schema: text,
  },
];

/** Who may do what and why, now and in the past; and what roles can be made of. */
export function accessExplainEndpoints(services: Services): Endpoint[] {
  return [
    {
      operation: 'explain_access',
      method: 'GET',
      path: '/access/explain',
      tag: 'access',
      summary: 'Explain who may do what',
      description:
        'Whether a person may or might do something, by which role, team, ownership or share, as ' +
        `of any instant. Everybody may ask about themselves; about others it takes ${OF_OTHERS}.`,
      access: 'signed-in',
      query: [
        { name: 'user', description: 'The person; the caller when left out.', schema: uuid },
        ...asked,
      ],
      answer: { status: 200, description: 'Whether, and why.', data: explanation },
      refusals: ['403 FORBIDDEN', '404 NOT_FOUND'],
      handle: (call) => explain(services, call),
    },
    {
      operation: 'explain_access_of_everybody',
      method: 'GET',
      path: '/access/people',
      tag: 'access',
      summary: 'List who may do something, and why',
      description: 'Everybody who was in the workspace at the instant, in the order they came.',
      access: { permission: OF_OTHERS },
      query: [...asked, limit, cursor],
      answer: {
        status: 200,
        description: 'A page of people.',
        data: listOf(explanation),
        paged: true,
      },
      handle: (call) => explainAll(services, call),
    },
    {
      operation: 'role_catalogue',
      method: 'GET',
      path: '/access/roles',
      tag: 'access',
      summary: 'List the system roles and every permission',
      access: { permission: 'roles:read' },
      answer: {
        status: 200,
        description: 'What roles can be made of.',
        data: objectOf({
          permissions: listOf(text),
          roles: listOf(
            objectOf({
              name: text,
              description: text,
              grants: listOf(objectOf({ permission: text, scope })),
            }),
          ),
          fields: listOf(
            objectOf({ collection: text, hideable: listOf(text), lockable: listOf(text) }),
          ),
        }),
      },
      handle: () => Promise.resolve({ data: roleCatalogue() }),
    },
  ];
}

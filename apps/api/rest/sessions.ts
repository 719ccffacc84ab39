import { isUuid } from '#kernel/ids';
import type { Refusal } from '#kernel/refusal';
import { endSession, endSessionsOf, listSessions } from '#platform/auth/sessions';
import type { Queryable } from '#platform/postgres/database';
import { originOf, type AuthServices } from './auth.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { instant, listOf, maybe, objectOf, text, uuid } from './schemas.js';
import { notFound } from './services.js';

const session = objectOf({
  id: uuid,
  isCurrent: { type: 'boolean', description: 'Whether it is the one that asks.' },
  signedInAt: instant,
  lastUsedAt: { ...instant, description: 'When it last got an access token.' },
  expiresAt: instant,
  ip: maybe(text),
  userAgent: maybe(text),
});

/** One's own sessions: where one is signed in, and the end of that. */
export function sessionEndpoints({ platform, callers, signIn }: AuthServices): Endpoint[] {
  const common = { tag: 'auth', access: 'person' } as const;
  const own = <Result>({ caller }: Call, work: (db: Queryable) => Promise<Result>) =>
    platform.database.tenant(caller.tenantId, work);
  const mine = (call: Call) => {
    const { tenantId, actor } = call.caller;
    return own(call, (db) => listSessions(db, tenantId, actor.id, platform.clock()));
  };
  const told = async ({ caller, request }: Call, ids: readonly string[]) => {
    const { tenantId, actor } = caller;
    callers.forget(tenantId);
    const account = { tenantId, userId: actor.id };
    for (const id of ids) await signIn.journal.signedOut(account, id, actor, originOf(request));
  };

  const list = async (call: Call): Promise<Answer> => {
    const all = await mine(call);
    return {
      data: all.map(({ sessionId, signedInAt, lastUsedAt, expiresAt, ip, userAgent }) => ({
        id: sessionId,
        isCurrent: sessionId === call.caller.sessionId,
        signedInAt: signedInAt.toISOString(),
        lastUsedAt: lastUsedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
        ip,
        userAgent,
      })),
    };
  };
  const endOne = async (call: Call): Promise<Answer | Refusal> => {
    const id = call.params['id']!.toLowerCase();
    const known = isUuid(id) && (await mine(call)).some(({ sessionId }) => sessionId === id);
    if (!known) return notFound({ record: 'session' });
    const { tenantId } = call.caller;
    if (await own(call, (db) => endSession(db, tenantId, id, platform.clock()))) {
      await told(call, [id]);
    }
    return { status: 204 };
  };
  const endOthers = async (call: Call): Promise<Answer> => {
    const { tenantId, actor, sessionId: exceptSessionId } = call.caller;
    const ended = await own(call, (db) =>
      endSessionsOf(db, tenantId, actor.id, platform.clock(), { exceptSessionId }),
    );
    await told(call, ended);
    return { data: { ended: ended.length } };
  };

  return [
    {
      ...common,
      operation: 'own_sessions',
      method: 'GET',
      path: '/auth/sessions',
      summary: 'List one’s own sessions',
      description: 'Those that could go on, the one used last first.',
      answer: { status: 200, description: 'The sessions.', data: listOf(session) },
      handle: list,
    },
    {
      ...common,
      operation: 'end_session',
      method: 'DELETE',
      path: '/auth/sessions/:id',
      summary: 'End one of one’s own sessions',
      description: 'It is over within seconds, wherever it is open.',
      answer: { status: 204, description: 'Ended.' },
      refusals: ['404 NOT_FOUND'],
      handle: endOne,
    },
    {
      ...common,
      operation: 'end_other_sessions',
      method: 'DELETE',
      path: '/auth/sessions',
      summary: 'End all other sessions of one’s own',
      answer: {
        status: 200,
        description: 'How many were ended.',
        data: objectOf({ ended: { type: 'integer' } }),
      },
      handle: endOthers,
    },
  ];
}

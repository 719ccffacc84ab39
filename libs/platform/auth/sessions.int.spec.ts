import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import type { Queryable } from '../postgres/database.js';
import { cleanUpAuth } from './credentials.js';
import {
  endSession,
  endSessionsOf,
  isSessionLive,
  listSessions,
  refreshSession,
  startSession,
  tenantOfRefreshToken,
  type Client,
  type StartedSession,
} from './sessions.js';
import { newRefreshToken } from './tokens.js';

const client: Client = { ip: '203.0.113.7', userAgent: 'Firefox' };
const start = new Date('2026-01-15T10:00:00.000Z');
const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const DAY = 86_400;

let test: TestDatabase;
let tenantId: string;
let userId: string;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(() => {
  [tenantId, userId] = [uuidv7(), uuidv7()];
});

const inTenant = <T>(work: (db: Queryable) => Promise<T>, id = tenantId) =>
  test.database.tenant(id, work);
const open = (now = start, who = userId) =>
  inTenant((db) => startSession(db, { tenantId, userId: who, client }, now));
const refresh = (token: string, now: Date, from = client) =>
  inTenant((db) => refreshSession(db, token, from, now), tenantOfRefreshToken(token));
const live = ({ sessionId }: StartedSession, now = at(60)) =>
  inTenant((db) => isSessionLive(db, tenantId, sessionId, now));
const renewed = async (token: string, now: Date, from = client) => {
  const result = await refresh(token, now, from);
  if (result.status !== 'refreshed') throw new Error(result.status);
  return result;
};

describe('a session', () => {
  it('goes on with a new token each time, under the same id', async () => {
    const first = await open();
    expect(first.expiresAt).toEqual(at(7 * DAY));
    const second = await renewed(first.refreshToken, at(DAY));
    expect(second).toMatchObject({ userId, tenantId, sessionId: first.sessionId });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(second.expiresAt).toEqual(at(8 * DAY));
    expect(await live(first, at(2 * DAY))).toBe(true);
  });

  it('stores no token, only its hash', async () => {
    const { refreshToken } = await open();
    const { rows } = await test.admin((db) =>
      db.query(`SELECT auth_session::text AS row FROM auth_session`),
    );
    const secret = Buffer.from(refreshToken.slice(4), 'base64url').subarray(32).toString('hex');
    const dump = rows.map(({ row }) => row as string).join('\n');
    expect(dump).not.toContain(refreshToken);
    expect(dump).not.toContain(secret);
  });

  it('ends after seven idle days, and after thirty busy ones', async () => {
    const idle = await open();
    expect(await refresh(idle.refreshToken, at(7 * DAY))).toEqual({ status: 'refused' });
    expect(await live(idle, at(7 * DAY))).toBe(false);
    let busy = await open();
    for (let day = 6; day <= 24; day += 6) busy = await renewed(busy.refreshToken, at(day * DAY));
    const last = await renewed(busy.refreshToken, at(29 * DAY));
    expect(last.expiresAt).toEqual(at(30 * DAY));
    expect(await refresh(last.refreshToken, at(30 * DAY))).toEqual({ status: 'refused' });
  });

  it('S7 ends when a token comes a second time', async () => {
    const first = await open();
    const second = await renewed(first.refreshToken, at(60));
    expect(await refresh(first.refreshToken, at(120))).toEqual({
      status: 'reused',
      tenantId,
      userId,
      sessionId: first.sessionId,
    });
    expect(await refresh(second.refreshToken, at(121))).toEqual({ status: 'refused' });
    expect(await live(first, at(121))).toBe(false);
  });

  it('S7 goes on, once, when an answer got lost on the way to the same client', async () => {
    const first = await open();
    const lost = await renewed(first.refreshToken, at(60));
    const again = await renewed(first.refreshToken, at(70));
    expect(again.sessionId).toBe(first.sessionId);
    const third = await renewed(again.refreshToken, at(75));
    expect(await live(first, at(76))).toBe(true);
    expect(await refresh(lost.refreshToken, at(77))).toMatchObject({ status: 'reused' });
    expect(await refresh(third.refreshToken, at(78))).toEqual({ status: 'refused' });
  });

  it.each([
    ['later than ten seconds', 11, client],
    ['from another address', 1, { ...client, ip: '198.51.100.9' }],
    ['from another browser', 1, { ...client, userAgent: 'Chrome' }],
    ['from nowhere', 1, {}],
  ])('S7 ends when a token comes again %s', async (_when, seconds, from) => {
    const first = await open();
    await renewed(first.refreshToken, at(60));
    const result = await refresh(first.refreshToken, at(60 + seconds), from);
    expect(result.status).toBe('reused');
  });

  it('S7 ends when a token comes a third time, or after its successor was used', async () => {
    const first = await open();
    await renewed(first.refreshToken, at(60));
    await renewed(first.refreshToken, at(61));
    expect((await refresh(first.refreshToken, at(62))).status).toBe('reused');
    const other = await open();
    const second = await renewed(other.refreshToken, at(60));
    await renewed(second.refreshToken, at(61));
    expect((await refresh(other.refreshToken, at(62))).status).toBe('reused');
  });

  it('gives each token out once to many who ask at once', async () => {
    const first = await open();
    const from = (n: number) => ({ ...client, userAgent: `Browser ${n}` });
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) => refresh(first.refreshToken, at(60), from(n))),
    );
    expect(results.filter(({ status }) => status === 'refreshed')).toHaveLength(1);
    expect(results.filter(({ status }) => status === 'reused')).toHaveLength(1);
    expect(await live(first, at(61))).toBe(false);
  });

  it('leaves nothing behind when it ends while it is being renewed', async () => {
    for (let round = 0; round < 15; round++) {
      const session = await open();
      const [result] = await Promise.all([
        refresh(session.refreshToken, at(60)),
        inTenant((db) => endSessionsOf(db, tenantId, userId, at(60))),
      ]);
      expect(await live(session, at(61))).toBe(false);
      if (result.status !== 'refreshed') continue;
      expect((await refresh(result.refreshToken, at(62))).status).toBe('refused');
    }
  });
});

describe('a refresh token', () => {
  it('opens nothing when its secret is wrong, and ends nothing either', async () => {
    const session = await open();
    const [row] = await test
      .admin((db) =>
        db.query('SELECT id FROM auth_session WHERE family_id = $1', [session.sessionId]),
      )
      .then(({ rows }) => rows as { id: string }[]);
    const forged = newRefreshToken(tenantId, row!.id);
    for (const token of [forged.token, newRefreshToken(tenantId, uuidv7()).token]) {
      expect(await refresh(token, at(60))).toEqual({ status: 'refused' });
    }
    const garbage = await inTenant((db) => refreshSession(db, 'cfr_x', client, at(60)));
    expect(garbage).toEqual({ status: 'refused' });
    expect(await live(session)).toBe(true);
  });

  it('opens nothing in another tenant', async () => {
    const session = await open();
    const stranger = uuidv7();
    const result = await inTenant(
      (db) => refreshSession(db, session.refreshToken, client, at(60)),
      stranger,
    );
    expect(result).toEqual({ status: 'refused' });
    const ended = await inTenant(
      (db) => endSession(db, tenantId, session.sessionId, at(60)),
      stranger,
    );
    expect(ended).toBe(false);
    expect(await live(session)).toBe(true);
  });
});

describe('sessions of a person', () => {
  it('are listed with where they come from, the one used last first', async () => {
    const [first, second] = [await open(), await open(at(10))];
    await renewed(first.refreshToken, at(60), { ip: '198.51.100.9', userAgent: 'Chrome' });
    await open(at(20), uuidv7());
    const list = () => inTenant((db) => listSessions(db, tenantId, userId, at(61)));
    expect(await list()).toEqual([
      {
        sessionId: first.sessionId,
        signedInAt: start,
        lastUsedAt: at(60),
        expiresAt: new Date(at(60).getTime() + 7 * DAY * 1000),
        ip: '198.51.100.9',
        userAgent: 'Chrome',
      },
      expect.objectContaining({ sessionId: second.sessionId, ...client }),
    ]);
  });

  it('end one by one, once each', async () => {
    const [one, other] = [await open(), await open()];
    const end = () => inTenant((db) => endSession(db, tenantId, one.sessionId, at(60)));
    expect([await end(), await end()]).toEqual([true, false]);
    expect([await live(one), await live(other)]).toEqual([false, true]);
    expect(await refresh(one.refreshToken, at(61))).toEqual({ status: 'refused' });
    expect(await inTenant((db) => endSession(db, tenantId, uuidv7(), at(60)))).toBe(false);
  });

  it('end all at once, or all but the one that asks', async () => {
    const [one, two, kept] = [await open(), await open(), await open()];
    const foreign = await open(start, uuidv7());
    const ended = await inTenant((db) =>
      endSessionsOf(db, tenantId, userId, at(60), { exceptSessionId: kept.sessionId }),
    );
    expect([...ended].sort()).toEqual([one.sessionId, two.sessionId].sort());
    expect([await live(one), await live(kept), await live(foreign)]).toEqual([false, true, true]);
    expect(await inTenant((db) => endSessionsOf(db, tenantId, userId, at(61)))).toEqual([
      kept.sessionId,
    ]);
  });

  it('last as many days without use as they are told to', async () => {
    const who = { tenantId, userId, client };
    const short = await inTenant((db) => startSession(db, who, start, 1));
    expect(short.expiresAt).toEqual(new Date(start.getTime() + 86_400_000));
    const next = await inTenant((db) => refreshSession(db, short.refreshToken, client, start, 60));
    expect(next).toMatchObject({ expiresAt: new Date(start.getTime() + 60 * 86_400_000) });
  });

  it('end as far as they began before an instant', async () => {
    const [early, late] = [await open(), await open(at(50))];
    const which = { signedInUntil: at(40) };
    expect(await inTenant((db) => endSessionsOf(db, tenantId, userId, at(60), which))).toContain(
      early.sessionId,
    );
    expect([await live(early), await live(late)]).toEqual([false, true]);
  });

  it('are cleaned up a day after their end, so that reuse is noticed until then', async () => {
    const old = await open();
    const young = await open(at(5 * DAY));
    await inTenant((db) => cleanUpAuth(db, tenantId, at(9 * DAY)));
    const { rows } = await test.admin((db) =>
      db.query('SELECT family_id FROM auth_session WHERE tenant_id = $1', [tenantId]),
    );
    expect(rows).toEqual([{ family_id: young.sessionId }]);
    expect((await refresh(old.refreshToken, at(9 * DAY))).status).toBe('refused');
  });
});

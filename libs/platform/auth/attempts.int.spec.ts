import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import type { Queryable } from '../postgres/database.js';
import { attemptKeys, clearAttempts, takeAttempt, type AttemptKey } from './attempts.js';
import {
  cleanUpAuth,
  passwordHashOf,
  removePassword,
  setPasswordHash,
  strengthenHash,
} from './credentials.js';

const start = new Date('2026-01-15T10:00:00.000Z');
const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000);

let test: TestDatabase;
let tenantId: string;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(() => {
  tenantId = uuidv7();
});
const inTenant = <T>(work: (db: Queryable) => Promise<T>, id = tenantId) =>
  test.database.tenant(id, work);

describe('attempts to sign in', () => {
  const key = (ip = '203.0.113.7', login = 'gavin@hooli.com') =>
    attemptKeys(test.masterKey)(tenantId, login, ip);
  const attempt = (which: AttemptKey, now: Date) => inTenant((db) => takeAttempt(db, which, now));
  const fail = async (which: AttemptKey, times: number, now = start) => {
    for (let n = 0; n < times; n++) await attempt(which, now);
  };

  it('S11 are five before the account is locked for 15 minutes', async () => {
    await fail(key(), 4);
    expect(await attempt(key(), at(1))).toEqual({
      allowed: true,
      failures: 5,
      lockedUntil: at(16),
    });
    const locked = await attempt(key(), at(2));
    expect(locked).toMatchObject({ allowed: false, lockedUntil: at(16) });
    expect(await attempt(key(), at(15.9))).toMatchObject({ allowed: false, lockedUntil: at(16) });
    expect(await attempt(key(), at(16))).toEqual({
      allowed: true,
      failures: 1,
      lockedUntil: null,
    });
  });

  it('S11 lock nobody out at another address, and no other account', async () => {
    await fail(key(), 6);
    expect(await attempt(key('198.51.100.9'), at(1))).toMatchObject({ allowed: true });
    expect(await attempt(key(undefined, 'jack@hooli.com'), at(1))).toMatchObject({ allowed: true });
    expect(await attempt(key(), at(1))).toMatchObject({ allowed: false });
  });

  it('S11 are no more than five however many come at once', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, () => attempt(key(), start)));
    expect(all.filter(({ allowed }) => allowed)).toHaveLength(5);
  });

  it('are forgotten after a success, and after 15 quiet minutes', async () => {
    await fail(key(), 4);
    await inTenant((db) => clearAttempts(db, key()));
    expect(await attempt(key(), at(1))).toMatchObject({ failures: 1 });
    await fail(key(), 2, at(2));
    expect(await attempt(key(), at(17.1))).toMatchObject({ failures: 1 });
  });

  it('are counted per workspace', async () => {
    await fail(key(), 6);
    const other = uuidv7();
    const elsewhere = attemptKeys(test.masterKey)(other, 'gavin@hooli.com', '203.0.113.7');
    const first = await inTenant((db) => takeAttempt(db, elsewhere, at(1)), other);
    expect(first).toMatchObject({ allowed: true, failures: 1 });
  });

  it('are cleaned up after a day', async () => {
    await fail(key(), 1);
    await fail(key('198.51.100.9'), 1, at(24 * 60));
    await inTenant((db) => cleanUpAuth(db, tenantId, at(24 * 60 + 1)));
    const { rows } = await test.admin((db) =>
      db.query('SELECT address FROM auth_failure WHERE tenant_id = $1', [tenantId]),
    );
    expect(rows).toEqual([{ address: '198.51.100.9' }]);
  });
});

describe('a stored password', () => {
  it('is set, replaced, strengthened unless it changed, and removed', async () => {
    const userId = uuidv7();
    const stored = () => inTenant((db) => passwordHashOf(db, tenantId, userId));
    expect(await stored()).toBeNull();
    await inTenant((db) => setPasswordHash(db, tenantId, userId, 'one', start));
    await inTenant((db) => setPasswordHash(db, tenantId, userId, 'two', at(1)));
    expect(await stored()).toBe('two');
    await inTenant((db) => strengthenHash(db, tenantId, userId, 'one', 'stronger one'));
    expect(await stored()).toBe('two');
    await inTenant((db) => strengthenHash(db, tenantId, userId, 'two', 'stronger two'));
    expect(await stored()).toBe('stronger two');
    const elsewhere = await inTenant((db) => passwordHashOf(db, tenantId, userId), uuidv7());
    expect(elsewhere).toBeNull();
    await inTenant((db) => removePassword(db, tenantId, userId));
    expect(await stored()).toBeNull();
  });
});

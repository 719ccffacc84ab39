import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORM_TENANT, uuidv7 } from '#kernel/ids';
import { attemptKeys, takeAttempt } from '#platform/auth/attempts';
import { startSession } from '#platform/auth/sessions';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';
import { keepHouse } from './housekeeping.js';

const DAY = 86_400_000;

describe('housekeeping', () => {
  let test: TestPlatform;
  beforeAll(async () => {
    test = await startTestPlatform();
  });
  afterAll(() => test.close());

  const left = async () => {
    const { rows } = await test.test.admin((client) =>
      client.query<{ n: number }>(
        `SELECT (SELECT count(*) FROM auth_session) + (SELECT count(*) FROM auth_failure) AS n`,
      ),
    );
    return Number(rows[0]!.n);
  };

  it('deletes what has run out at start, in every workspace and where none is known', async () => {
    const { platform } = test;
    const caller = test.caller();
    const { tenantId } = caller;
    await platform.dispatch('CreateCompany', { name: 'Hooli' }, caller);
    const now = platform.clock();
    const keyOf = attemptKeys(platform.options.masterKey);
    const add = (id: string, at: Date) =>
      platform.database.tenant(id, async (db) => {
        await startSession(db, { tenantId: id, userId: uuidv7(), client: {} }, at);
        await takeAttempt(db, keyOf(id, `${at.getTime()}@hooli.example`, '198.51.100.7'), at);
      });
    for (const id of [tenantId, PLATFORM_TENANT]) {
      await add(id, new Date(now.getTime() - 40 * DAY));
      await add(id, now);
    }
    expect(await left()).toBe(8);
    const errors: unknown[] = [];
    await keepHouse(platform, (error) => errors.push(error)).stop();
    expect([await left(), errors]).toEqual([4, []]);
  });
});

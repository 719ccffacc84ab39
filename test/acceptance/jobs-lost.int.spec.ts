import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

let test: TestPlatform;
beforeAll(async () => {
  test = await startTestPlatform();
});
afterAll(() => test.close());

it('R12 queue tables locked: commands are acknowledged within a second', async () => {
  const ctx = test.caller();
  await test.test.admin(async (client) => {
    await client.query('BEGIN; LOCK TABLE job IN ACCESS EXCLUSIVE MODE');
    try {
      for (let number = 0; number < 10; number++) {
        const asked = Date.now();
        const input = { name: `Company ${number}` };
        const answer = await test.platform.dispatch('CreateCompany', input, ctx, { id: uuidv7() });
        expect((answer as Accepted).revision).toBe(1);
        expect(Date.now() - asked).toBeLessThan(1_000);
      }
    } finally {
      await client.query('ROLLBACK');
    }
  });
});

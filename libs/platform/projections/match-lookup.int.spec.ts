import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';
import { MatchLookup } from './match-lookup.js';

let test: TestPlatform;
beforeAll(async () => {
  test = await startTestPlatform();
});
afterAll(() => test.close());

/** How often companies were read from end to end, and by an index, as soon as that is told. */
async function scans() {
  await test.platform.database.pool('search').query('SELECT pg_stat_force_next_flush()');
  await sleep(200);
  return test.test.admin(async (client) => {
    const { rows } = await client.query<{ whole: string; indexed: string }>(
      `SELECT seq_scan AS whole, idx_scan AS indexed FROM pg_stat_user_tables
        WHERE relname = 'rm_companies'`,
    );
    return { whole: Number(rows[0]!.whole), indexed: Number(rows[0]!.indexed) };
  });
}

it('finds by an index in a table that was empty when it was first asked', async () => {
  const { platform } = test;
  const { tenantId } = test.caller();
  const lookup = new MatchLookup(platform.database);
  const model = platform.registry.readModel('companies');
  const ask = async (times: number) => {
    for (let n = 0; n < times; n++) await lookup.matches(tenantId, model, { name: `Hooli ${n}` });
  };
  await test.test.admin((client) => client.query('VACUUM ANALYZE rm_companies'));
  // PostgreSQL keeps a plan for all values from the sixth time on.
  await ask(10);
  await test.test.admin((client) =>
    client.query(
      `INSERT INTO rm_companies (tenant_id, id, name)
       SELECT $1, gen_random_uuid(), 'Hooli ' || n FROM generate_series(1, 5000) AS n`,
      [tenantId],
    ),
  );
  await ask(10);
  const before = await scans();
  await ask(10);
  const after = await scans();
  expect(after.whole).toBe(before.whole);
  expect(after.indexed).toBe(before.indexed + 10);
  const found = await lookup.matches(tenantId, model, { name: 'hooli 4711' });
  expect(found).toMatchObject([{ label: 'Hooli 4711' }]);
});

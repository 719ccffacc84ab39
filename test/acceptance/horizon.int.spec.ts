import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { loadConfig } from '#platform/config/config';
import { HealthChecks } from '#apps/api/health/health';
import { Metrics } from '#apps/api/health/metrics';
import { horizonHolder } from '#platform/operations/horizon';
import { cliOn } from '#test/support/cli';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

describe('a transaction that holds the feed back', () => {
  let test: TestPlatform;
  let client: pg.Client;
  beforeAll(async () => {
    test = await startTestPlatform();
    client = new pg.Client({ connectionString: test.test.url, application_name: 'a slow report' });
    await client.connect();
    await client.query('BEGIN; SELECT pg_current_xact_id()');
  });
  afterAll(async () => {
    await client.end();
    await test.close();
  });
  const alerts = { lagAlertSeconds: 30, horizonAlertSeconds: 1 };
  const pidOf = async () =>
    (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;
  /** Other specs share the server, and their transactions are younger than this one. */
  const held = async () => {
    for (let waited = 0; waited < 100; waited++) {
      const holder = await horizonHolder(test.platform.database);
      if (holder?.application === 'a slow report' && holder.seconds! > 1) return holder;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('nobody holds the feed back');
  };

  it('is told with its process, application and age, and calls for attention past the limit', async () => {
    const pid = await pidOf();
    expect(await held()).toMatchObject({ pid, application: 'a slow report' });
    const health = await new HealthChecks(test.platform, alerts).check();
    expect(health.dependencies['horizon']).toMatchObject({
      status: 'degraded',
      pid,
      application: 'a slow report',
      held_seconds: expect.any(Number),
    });
    const patient = { ...alerts, horizonAlertSeconds: 3600 };
    const calm = await new HealthChecks(test.platform, patient).check();
    expect(calm.dependencies['horizon']).toMatchObject({ status: 'healthy' });
    const text = await new Metrics(test.platform).registry.metrics();
    expect(text).toContain(
      `clientforge_oldest_writer_info{pid="${pid}",application="a slow report"} 1`,
    );
    expect(text).toMatch(/clientforge_oldest_writer_seconds [1-9]/);
    const cli = cliOn(test.test, { HORIZON_ALERT_SECONDS: '1' });
    const status = await cli('projections status');
    expect(status.code).toBe(1);
    expect(status.out).toContain(`process ${pid} (a slow report, database cf_test_`);
    expect((await cli('projections status --json')).json()).toMatchObject({ horizon: { pid } });
    expect(loadConfig({}).horizonAlertSeconds).toBe(10);
  });
});

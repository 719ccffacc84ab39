import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { START } from '#platform/event-store/port';
import { ShardLeases } from '#platform/projections/shard-leases';
import { ProjectionRunner } from '#platform/projections/runner';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

describe('projections', () => {
  let test: TestPlatform;
  let ctx: RequestContext;
  beforeAll(async () => {
    test = await startTestPlatform();
  });
  beforeEach(() => {
    ctx = { ...test.caller(), actor: { type: 'system', id: 'spec' } };
  });
  afterAll(() => test.close());

  const dispatch = async (name: string, input: object, id?: string) =>
    (await test.platform.dispatch(name, input, ctx, id ? { id } : {})) as Accepted;
  const count = async (table: string, where = 'true') => {
    const rows = await test.test.admin(
      async (client) =>
        (
          await client.query<{ n: string }>(
            `SELECT count(*) AS n FROM ${table} WHERE tenant_id = $1 AND ${where}`,
            [ctx.tenantId],
          )
        ).rows,
    );
    return Number(rows[0]!.n);
  };
  const rewind = () =>
    test.test.admin((client) =>
      client.query(`UPDATE es_checkpoint SET epoch = 0, xid = '0', pos = 0`),
    );

  it('a batch delivered twice changes nothing', async () => {
    const { platform } = test;
    const { id } = await dispatch('CreateCompany', { name: 'Once' });
    await dispatch('ChangeCompany', { name: 'Twice' }, id);
    await platform.projections.catchUp();
    const before = await platform.reader.live(
      ctx.tenantId,
      platform.registry.readModel('companies'),
      id,
    );
    await rewind();
    await platform.projections.catchUp();
    const after = await platform.reader.live(
      ctx.tenantId,
      platform.registry.readModel('companies'),
      id,
    );
    expect(after).toEqual(before);
    expect(await count('rm_companies_history')).toBe(2);
    expect(await count('rm_timeline')).toBe(2);
  });

  it('a projector whose lease was taken writes nothing', async () => {
    const { platform } = test;
    const parts = {
      database: platform.database,
      store: platform.store,
      codec: platform.codec,
      models: [...platform.registry.readModels.values()],
      wakeUp: platform.wakeUp,
    };
    const other = new ProjectionRunner({
      ...parts,
      leases: new ShardLeases(platform.database, 'other', 60),
    });
    await dispatch('CreateCompany', { name: 'Before' });
    await platform.projections.catchUp();
    await test.test.admin((client) => client.query('UPDATE es_lease SET expires_at = now()'));
    await other.catchUp();
    await dispatch('CreateCompany', { name: 'After' });
    await expect(platform.projections.catchUp()).rejects.toThrow('another worker');
    await other.catchUp();
    expect(await count('rm_companies')).toBe(2);
    // Hands over at once, not only after the lease has run out.
    await other.close();
    await platform.projections.catchUp();
  });

  it('an event that cannot be decoded parks its stream only', async () => {
    const { platform } = test;
    const { id } = await dispatch('CreateCompany', { name: 'Poisoned' });
    await test.test.admin((client) =>
      client.query(`UPDATE es_event SET type = 'UnknownEvent' WHERE tenant_id = $1`, [
        ctx.tenantId,
      ]),
    );
    await platform.store.append({
      tenantId: ctx.tenantId,
      commandId: ctx.requestId,
      requestHash: 'ab',
      result: '{}',
      streams: [
        {
          streamId: `company-${id}`,
          expected: 'any',
          events: [
            {
              eventId: ctx.correlationId,
              type: 'CompanyChanged',
              schemaVersion: 1,
              data: JSON.stringify({ companyId: id, name: 'Later' }),
              meta: JSON.stringify({ actor: ctx.actor, correlationId: ctx.correlationId }),
            },
          ],
        },
      ],
    });
    await dispatch('CreateCompany', { name: 'Healthy' });
    await platform.projections.catchUp();
    expect(await count('rm_companies')).toBe(1);
    expect(await count('es_dead_letter', `stream_id = 'company-${id}'`)).toBe(2);
  });

  it('an event whose row the database refuses parks its stream only', async () => {
    const { platform } = test;
    const { id } = await dispatch('CreateTask', { title: 'Long past' });
    const tasks = await dispatch('CreateTask', { title: 'Other' });
    // As a log written before the field was bounded may hold it.
    await test.test.admin((client) =>
      client.query(
        `UPDATE es_event SET data = jsonb_set(data::jsonb, '{dueDate}', '"0000-01-01T00:00:00Z"')::text
          WHERE tenant_id = $1 AND stream_id = $2`,
        [ctx.tenantId, `task-${id}`],
      ),
    );
    await dispatch('ChangeTask', { title: 'Longer past' }, id);
    await dispatch('CreateCompany', { name: 'Healthy' });
    await platform.projections.catchUp();
    expect(await count('rm_tasks')).toBe(1);
    expect(await count('rm_tasks', `id = '${tasks.id}'`)).toBe(1);
    expect(await count('rm_companies')).toBe(1);
    expect(await count('es_dead_letter', `stream_id = 'task-${id}'`)).toBe(2);
  });

  it('reads one’s own write by position, and says when it is not there yet', async () => {
    const { position } = await dispatch('CreateCompany', { name: 'Mine' });
    expect(await test.platform.positions.wait('companies', position, 20)).toBe(false);
    await test.platform.projections.catchUp();
    expect(await test.platform.positions.wait('companies', position, 20)).toBe(true);
    expect(await test.platform.positions.wait('companies', START, 0)).toBe(true);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { KeyRing, PostgresKeyStore } from '#platform/event-store/key-ring';
import { MasterKeys } from '#platform/event-store/key-ring-box';
import { rotateMasterKey, rotateTenantKey } from '#platform/event-store/key-ring-rotation';
import { WakeUp } from '#platform/projections/wake-up';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { newTenant } from './requests.js';
import { callerOf, postgresStand } from './stand.js';

const MEMORY_MS = 300;

describe('S28 rotation of keys', () => {
  let test: TestDatabase;
  const stands: ReturnType<typeof postgresStand>[] = [];
  const process = (masterKey?: Buffer | MasterKeys) => {
    const stand = postgresStand(test, { memoryMs: MEMORY_MS, ...(masterKey ? { masterKey } : {}) });
    stands.push(stand);
    return stand;
  };
  const partsOf = (masterKey: Buffer | MasterKeys) => {
    const { database } = test;
    const store = new PostgresKeyStore(database);
    const keys = new KeyRing(masterKey, store, Date.now, MEMORY_MS);
    return { database, keys, wakeUp: new WakeUp() };
  };
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(async () => {
    await Promise.all(stands.map((stand) => stand.close()));
    await test.drop();
  });

  async function join(stand: ReturnType<typeof process>, tenant: string, email?: string) {
    const input = { personId: uuidv7(), name: 'Ada', plan: 'basic', ...(email ? { email } : {}) };
    const answer = await stand.dispatcher.dispatch(
      stand.command('JoinMember'),
      input,
      callerOf(tenant),
    );
    return answer as Accepted;
  }
  const names = async (
    stand: ReturnType<typeof process>,
    tenant: string,
    ids: readonly string[],
  ) => {
    const events = await Promise.all(
      ids.map((id) => stand.store.readStream(tenant, `member-${id}`)),
    );
    return (await stand.codec.decode(events.flat())).map(
      ({ data }) => (data as { name: string }).name,
    );
  };
  const versions = (tenant: string) =>
    test.admin(async (client) => {
      const { rows } = await client.query<{ version: number }>(
        'SELECT version FROM es_tenant_key WHERE tenant_id = $1 ORDER BY 1',
        [tenant],
      );
      return rows.map(({ version }) => version);
    });

  it('S28 of a tenant goes on under load; the old key is gone, everything is readable', async () => {
    const tenant = newTenant();
    const writers = [process(), process()];
    const ids: string[] = [];
    for (let n = 0; n < 700; n += 50) {
      const joined = Array.from({ length: 50 }, () => join(writers[0]!, tenant));
      ids.push(...(await Promise.all(joined)).map(({ id }) => id));
    }
    await join(writers[0]!, tenant, 'once@example.org');
    let running = true;
    let [failed, written] = [0, 0];
    const load = writers.map(async (writer) => {
      while (running) {
        const answer = await join(writer, tenant);
        if (answer.accepted) ids.push(answer.id);
        else failed += 1;
        written += 1;
      }
    });
    const done = await rotateTenantKey(partsOf(test.masterKey), tenant, { memoryMs: MEMORY_MS });
    running = false;
    await Promise.all(load);
    expect({ failed, version: done.version }).toEqual({ failed: 0, version: 2 });
    expect(written).toBeGreaterThan(10);
    expect(done.subjectKeys).toBeGreaterThanOrEqual(700);
    expect(await versions(tenant)).toEqual([0, 2]);
    for (const reader of [...writers, process()]) {
      expect(new Set(await names(reader, tenant, ids))).toEqual(new Set(['Ada']));
    }
    // What is unique stays so: names of reservations follow from the first key for ever.
    expect(await join(process(), tenant, 'once@example.org')).toMatchObject({ refused: true });
    const again = await rotateTenantKey(partsOf(test.masterKey), tenant, { memoryMs: MEMORY_MS });
    expect(again).toMatchObject({ version: 3, subjectKeys: ids.length + 1 });
    expect(await versions(tenant)).toEqual([0, 3]);
    expect(await join(process(), tenant, 'once@example.org')).toMatchObject({ refused: true });
  });

  it('S28 that was cut short goes on with the same version, and leaves destroyed keys destroyed', async () => {
    const tenant = newTenant();
    const writer = process();
    const [kept, erased] = [await join(writer, tenant), await join(writer, tenant)];
    const { rows } = await test.admin((client) =>
      client.query<{ subject: string }>(
        `SELECT split_part(key_id, ':', 1) AS subject FROM es_event
          WHERE tenant_id = $1 AND stream_id = $2`,
        [tenant, `member-${erased.id}`],
      ),
    );
    await test.admin((client) =>
      client.query(
        `UPDATE es_subject_key SET wrapped = NULL, destroyed_at = now() WHERE subject_id = $1`,
        [rows[0]!.subject],
      ),
    );
    const stop = AbortSignal.abort();
    const cut = rotateTenantKey(partsOf(test.masterKey), tenant, { signal: stop });
    await expect(cut).rejects.toThrow('cancelled');
    expect(await versions(tenant)).toEqual([0, 1, 2]);
    const done = await rotateTenantKey(partsOf(test.masterKey), tenant, { memoryMs: MEMORY_MS });
    expect(done).toMatchObject({ version: 2, subjectKeys: 1 });
    expect(await versions(tenant)).toEqual([0, 2]);
    expect(await names(process(), tenant, [kept.id, erased.id])).toEqual(['Ada', '[erased]']);
  });

  it('S28 of the master key: the old one opens nothing any more, the new one everything', async () => {
    const tenant = newTenant();
    const { id } = await join(process(), tenant);
    const next = randomBytes(32);
    const both = new MasterKeys([next, test.masterKey]);
    expect(await rotateMasterKey(partsOf(both))).toBeGreaterThan(0);
    expect(await rotateMasterKey(partsOf(both))).toBe(0);
    expect(await names(process(next), tenant, [id])).toEqual(['Ada']);
    await expect(names(process(), tenant, [id])).rejects.toThrow('unable to authenticate data');
    // A process that was started before reads the file again where it meets the new key.
    const old = new MasterKeys([test.masterKey], () => Promise.resolve([next, test.masterKey]));
    expect(await names(process(old), tenant, [id])).toEqual(['Ada']);
    await rotateMasterKey(partsOf(new MasterKeys([test.masterKey, next])));
  });
});

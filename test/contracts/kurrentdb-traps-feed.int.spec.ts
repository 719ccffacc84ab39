import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client';
import { setTimeout as pause } from 'node:timers/promises';
import { copiedTo } from '#platform/event-store/kurrentdb/store';
import { FAR, Trap, until } from './kurrentdb-trap.js';
import { appendTo, newEvents } from './requests.js';

const MANY = 4_000;

describe.each(['22.10.0', '26.1.0'])('the log followed on the fake KurrentDB %s', (version) => {
  const trap = new Trap({ version, firstPosition: FAR });
  let others: KurrentDBClient;
  beforeAll(() => {
    others = KurrentDBClient.connectionString(trap.fake.url);
  });
  afterAll(() => others?.dispose());

  it.each(['end', 'Unavailable', 'NotLeader', 'Unknown'] as const)(
    'a subscription that ends by %p is begun again where it was',
    async (how) => {
      await until(() => trap.fake.state.subscriptions > 0);
      const { tenant } = await trap.stored(2);
      await trap.isCopied(tenant, 2);
      const held = trap.fake.state.records.length;
      const { subscribe } = trap.fake.state.calls;
      trap.fake.dropSubscriptions(how);
      await until(() => trap.fake.state.calls.subscribe > subscribe);
      await trap.stored(2, tenant);
      await trap.isCopied(tenant, 4);
      // From its checkpoint, not from the beginning: all but the mark behind it.
      expect(trap.fake.state.subscribedAfter).toBeGreaterThanOrEqual(held - 1);
    },
  );

  it('a subscription that brings nothing and does not end is noticed and begun again', async () => {
    await until(() => trap.fake.state.subscriptions > 0);
    trap.fake.silenceSubscriptions();
    const { tenant } = await trap.stored(2);
    await trap.store.settled();
    await trap.isCopied(tenant, 2);
  }, 60_000);

  it('nobody says that all is there: it is known from the place of the newest event', async () => {
    await trap.stored(5);
    await trap.store.settled();
    const { copy, test } = trap.subject;
    await until(() => copy.status.isCaughtUp);
    // A copy that begins anew and cannot write is not there yet.
    await test.admin(async (client) => {
      await client.query(`UPDATE es_log SET xid = '0', pos = 0`);
      await client.query('BEGIN; SELECT FROM es_log FOR UPDATE');
      const { subscribe } = trap.fake.state.calls;
      trap.fake.dropSubscriptions();
      await until(() => trap.fake.state.calls.subscribe > subscribe);
      expect(copy.status).toEqual({ isCopying: true, isCaughtUp: false });
      await client.query('COMMIT');
    });
    await until(() => copy.status.isCaughtUp);
  });

  it('streams of others and of the server are passed over, and are not read again', async () => {
    const { tenant, name } = await trap.stored(1);
    await trap.store.settled();
    const other = (stream: string, type: string, count: number) =>
      others.appendToStream(
        stream,
        Array.from({ length: count }, () => jsonEvent({ type, data: {} })),
      );
    await others.setStreamMetadata(name, { owner: 'somebody' });
    await other(`$ce-${name.split('-')[0]}`, '$>', 1);
    await other('orders-1', 'OrderPlaced', 600);
    const { test, server, copy } = trap.subject;
    const { commit } = trap.fake.state.records.findLast(({ stream }) => stream === name)!;
    expect(await server.newest()).toMatchObject({ at: { commit } });
    // Far behind the last event of ours: the checkpoint moves on without any.
    await until(async () => {
      expect(copy.status.failure).toBeUndefined();
      return (await copiedTo(test.database)).commit > commit + 10_000n;
    });
    await trap.stored(1, tenant);
    await trap.isCopied(tenant, 2);
  });

  it('no more is read ahead of a copy that stands still than its buffers hold', async () => {
    const data = JSON.stringify('x'.repeat(4_000));
    const { tenant, stream } = await trap.stored(1);
    await trap.store.settled();
    const before = trap.fake.state.sent;
    const ahead = () => trap.fake.state.sent - before;
    await trap.subject.test.admin(async (client) => {
      await client.query('BEGIN; SELECT FROM es_log FOR UPDATE');
      for (let version = 1; version < MANY; version += 500) {
        await appendTo(trap.store, tenant, stream, version, newEvents(500, { data }));
      }
      for (let seen = -1; seen !== ahead(); await pause(1_000)) seen = ahead();
      expect(ahead()).toBeLessThan(0.75 * MANY);
      await client.query('COMMIT');
    });
    await trap.isCopied(tenant, MANY + 1);
  }, 120_000);

  it('a stream truncated on the server is told of, and not taken for a shorter one', async () => {
    const { tenant, stream, name } = await trap.stored(4);
    await trap.store.settled();
    await others.setStreamMetadata(name, { truncateBefore: 2 });
    const read = (direction: 'forward' | 'backward') =>
      trap.store.readStream(tenant, stream, { direction });
    await expect(read('forward')).rejects.toThrow('from a backup');
    await expect(read('backward')).rejects.toThrow('from a backup');
    await others.deleteStream(name);
    await expect(read('forward')).rejects.toThrow('from a backup');
    await expect(read('backward')).rejects.toThrow('from a backup');
    // The copy has what is gone there.
    expect((await trap.store.load(tenant, stream)).events).toHaveLength(4);
  });
});

import { describe, expect, it } from '@jest/globals';
import { jsonEvent } from '@kurrent/kurrentdb-client';
import { LogUnavailableError } from '#platform/event-store/kurrentdb/errors';
import { KurrentDbServer } from '#platform/event-store/kurrentdb/server';
import { KurrentDbEventStore } from '#platform/event-store/kurrentdb/store';
import { comparePositions, START } from '#platform/event-store/port';
import { FAR, Trap, until } from './kurrentdb-trap.js';
import { appendTo, newEvents, newRequest, newStream, newTenant, readAll } from './requests.js';

// What the two leave open is taken one way on the one and the other way on the other.
const kinds = [
  { version: '22.10.0', noPositions: true, nothingBeyondEnd: true },
  { version: '26.1.0', structuredUuids: true },
];

describe.each(kinds)('what the fake KurrentDB $version does to its client', (kind) => {
  const trap = new Trap({ ...kind, firstPosition: FAR, sharedCommits: true });
  const stored: Trap['stored'] = (...args) => trap.stored(...args);

  it('positions are no numbers: neighbours stay apart and in order', async () => {
    const { tenant, stream, outcome, name } = await stored(3);
    const events = await trap.store.readStream(tenant, stream);
    const places = trap.fake.state.records.filter((record) => record.stream === name);
    expect(events.map(({ position }) => position.split('.').slice(1, 3))).toEqual(
      places.map(({ commit, prepare }) => [String(commit), String(prepare)]),
    );
    expect(outcome).toEqual({ status: 'appended', position: events[2]!.position });
    for (const [index, event] of events.slice(1).entries()) {
      expect(comparePositions(events[index]!.position, event.position)).toBeLessThan(0);
    }
    const feed = await readAll(trap.store, { after: START, tenantId: tenant });
    expect(feed.map(({ position }) => position)).toEqual(events.map(({ position }) => position));
  });

  it('streams are read in pages, both ways, each to its end', async () => {
    const { tenant, stream } = await stored(600);
    await trap.store.settled();
    const { state } = trap.fake;
    for (const direction of ['forward', 'backward'] as const) {
      expect(await trap.store.readStream(tenant, stream, { direction })).toHaveLength(600);
      const before = state.sent;
      const few = await trap.store.readStream(tenant, stream, { direction, limit: 3 });
      expect(few).toHaveLength(3);
      await until(() => state.pages === 0);
      // No more than was asked for; the copy may look at the newest meanwhile.
      expect(state.sent - before).toBeLessThan(10);
    }
    const back = { direction: 'backward', limit: 3 } as const;
    const beyond = await trap.store.readStream(tenant, stream, { ...back, from: 900 });
    expect(beyond.map((event) => event.version)).toEqual([600, 599, 598]);
    expect(state.largestPage).toBeLessThanOrEqual(512n);
  });

  it('a user’s appends share a connection, as those with credentials of their own do not', async () => {
    const url = trap.fake.url.replace('://', '://somebody:secret@');
    const server = await KurrentDbServer.connect({ url });
    const before = trap.fake.state.batched;
    const name = server.names.of(newTenant(), newStream());
    await server.append({ name, after: 0, events: [jsonEvent({ type: 'Noted', data: {} })] });
    expect(trap.fake.state.batched - before).toBe(1);
    await server.close();
  });

  it('a read that is not answered ends after our own time', async () => {
    const { name } = await stored(1);
    const server = await KurrentDbServer.connect({ url: trap.fake.url, callMs: 3_000, retryMs: 1 });
    trap.fake.late(60_000, 'read');
    const begin = performance.now();
    await expect(server.last(name, 1)).rejects.toThrow(LogUnavailableError);
    expect(performance.now() - begin).toBeLessThan(20_000);
    await server.close();
  }, 30_000);

  it('what answers neither is refused at start within ten seconds', async () => {
    trap.fake.late(60_000, 'info');
    const begin = performance.now();
    const connecting = KurrentDbServer.connect({ url: trap.fake.url });
    await expect(connecting).rejects.toThrow(LogUnavailableError);
    expect(performance.now() - begin).toBeLessThan(10_000);
  }, 30_000);

  it.each(['Unavailable', 'DeadlineExceeded', 'NotLeader'] as const)(
    '%s is tried again: appends',
    async (kind) => {
      trap.fake.fail(kind, 2, { method: 'append' });
      const { tenant, stream } = await stored(2);
      expect(await trap.store.readStream(tenant, stream)).toHaveLength(2);
    },
  );

  it.each(['Unavailable', 'DeadlineExceeded', 'NotLeader'] as const)(
    '%s is tried again: reads',
    async (kind) => {
      const { tenant, stream } = await stored(2);
      trap.fake.fail(kind, 2, { method: 'read' });
      expect(await trap.store.readStream(tenant, stream)).toHaveLength(2);
    },
  );

  it('R4 an append that was stored and not answered is stored once', async () => {
    const [tenant, stream] = [newTenant(), newStream()];
    const request = newRequest(tenant, [
      { streamId: stream, expected: 'none', events: newEvents(3) },
    ]);
    trap.fake.cut({ stored: true });
    expect((await trap.store.append(request)).status).toBe('appended');
    trap.fake.fail('DeadlineExceeded', 1, { method: 'append', stored: true });
    await stored(1, tenant);
    expect((await trap.store.append(request)).status).toBe('duplicate');
    expect(await trap.store.readStream(tenant, stream)).toHaveLength(3);
    await trap.isCopied(tenant, 4);
  });

  it('what a command came to is with its events: results come back to a copy that lost them', async () => {
    const request = newRequest(newTenant(), [
      { streamId: newStream(), expected: 'none', events: newEvents(2) },
    ]);
    expect((await trap.store.append(request)).status).toBe('appended');
    await trap.store.settled();
    await trap.subject.test.admin(async (client) => {
      await client.query('DELETE FROM es_command WHERE command_id = $1', [request.commandId]);
      await client.query(`UPDATE es_log SET xid = '0', pos = 0`);
    });
    trap.fake.dropSubscriptions();
    await trap.store.settled();
    const again = await trap.store.append(request);
    expect(again).toMatchObject({ status: 'duplicate', stored: { result: request.result } });
  });

  it('a connection that was down at first and came back reads again', async () => {
    const { tenant, name } = await stored(1);
    const prefix = name.slice(0, name.indexOf(tenant.replaceAll('-', '')));
    const server = await KurrentDbServer.connect({ url: trap.fake.url, prefix, retryMs: 2_000 });
    trap.fake.down();
    await expect(server.last(name, 1)).rejects.toThrow(LogUnavailableError);
    trap.fake.up();
    await until(() => trap.fake.state.subscriptions > 0);
    expect(await server.last(name, 1)).toMatchObject({ version: 1 });
    await server.close();
  }, 60_000);
});

describe.each([
  ['22.10.0', { severalStreams: false, checks: false }],
  ['25.1.0', { severalStreams: true, checks: false }],
  ['26.1.0', { severalStreams: true, checks: true }],
])('several streams in one append, fake KurrentDB %s', (version, able) => {
  const trap = new Trap({ version, sharedCommits: true });

  it('are written at once, with or without the server’s help', async () => {
    const { tenant, stream: guard } = await trap.stored(1);
    const [one, two] = [newStream(), newStream()];
    const both = (expected: number) =>
      newRequest(tenant, [
        { streamId: one, expected: 'none', events: newEvents(2) },
        { streamId: two, expected: 'none', events: newEvents(1) },
        { streamId: guard, expected, events: [] },
      ]);
    expect(trap.subject.server.can).toMatchObject(able);
    const refused = { status: 'conflict', streamId: guard, actual: 1 };
    expect(await trap.store.append(both(2))).toEqual(refused);
    const outcome = await trap.store.append(both(1));
    const [last] = await trap.store.readStream(tenant, two);
    expect(outcome).toEqual({ status: 'appended', position: last!.position });
    expect(trap.fake.state.calls.transaction).toBe(able.severalStreams ? 1 : 0);
    await trap.isCopied(tenant, 4);
  });

  it('are written only where each is as expected, looked at or written, whoever wrote to it', async () => {
    const { tenant, stream: guard } = await trap.stored(1);
    const { test, server, store } = trap.subject;
    const another = new KurrentDbEventStore(test.database, server, store.epoch);
    for (const [index, events] of [[], newEvents(1)].entries()) {
      const [fresh, expected] = [newStream(), index + 1];
      expect((await appendTo(another, tenant, guard, expected)).status).toBe('appended');
      const request = newRequest(tenant, [
        { streamId: fresh, expected: 'none', events: newEvents(1) },
        { streamId: guard, expected, events },
      ]);
      const refused = { status: 'conflict', streamId: guard, actual: expected + 1 };
      expect(await store.append(request)).toEqual(refused);
      expect(await store.readStream(tenant, fresh)).toEqual([]);
    }
  });
});

describe('a fake KurrentDB that takes a thousand bytes', () => {
  const trap = new Trap({ version: '22.10.0', maxAppendSize: 1_000 });

  it('says of an append too large for it what to set there', async () => {
    const large = appendTo(trap.store, newTenant(), newStream(), 'none', newEvents(20));
    await expect(large).rejects.toThrow('MaxAppendSize');
  });
});

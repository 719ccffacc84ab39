import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { LogUnavailableError } from '#platform/event-store/kurrentdb/errors';
import { KurrentDbServer } from '#platform/event-store/kurrentdb/server';
import { comparePositions, START } from '#platform/event-store/port';
import { startFakeKurrentDb, type FakeKurrentDb } from '#test/faults/kurrentdb/fake-kurrentdb';
import { kurrentDbSubject, type KurrentDbSubject } from './kurrentdb-subject.js';
import { appendTo, newEvents, newRequest, newStream, newTenant, readAll } from './requests.js';

/** Beyond what a number can tell apart from its neighbour. */
const FAR = 2n ** 53n + 1n;

async function until(what: () => boolean): Promise<void> {
  for (let n = 0; n < 1_000 && !what(); n++) await pause(10);
  expect(what()).toBe(true);
}

describe.each(['22.10.0', '26.1.0'])('what the fake KurrentDB %s does to its client', (version) => {
  let fake: FakeKurrentDb;
  let subject: KurrentDbSubject;
  beforeAll(async () => {
    fake = await startFakeKurrentDb({ version, firstPosition: FAR, sharedCommits: true });
    subject = await kurrentDbSubject(fake.url, { callMs: 20_000, retryMs: 30_000 });
  });
  afterEach(() => {
    fake.up();
    fake.clear();
  });
  afterAll(async () => {
    await subject?.close();
    await fake?.stop();
  });

  const stored = async (count: number, tenant = newTenant(), stream = newStream()) => {
    const outcome = await appendTo(subject.store, tenant, stream, 'none', newEvents(count));
    expect(outcome.status).toBe('appended');
    return { tenant, stream, outcome };
  };
  const isCopied = async (tenant: string, count: number) => {
    expect(await readAll(subject.store, { after: START, tenantId: tenant })).toHaveLength(count);
  };

  it('positions are no numbers: neighbours stay apart and in order', async () => {
    const { tenant, stream, outcome } = await stored(3);
    const events = await subject.store.readStream(tenant, stream);
    expect(outcome).toEqual({ status: 'appended', position: events[2]!.position });
    for (const [index, event] of events.slice(1).entries()) {
      expect(comparePositions(events[index]!.position, event.position)).toBeLessThan(0);
    }
    const feed = await readAll(subject.store, { after: START, tenantId: tenant });
    expect(feed.map(({ position }) => position)).toEqual(events.map(({ position }) => position));
  });

  it('streams are read in pages, each to its end', async () => {
    const { tenant, stream } = await stored(600);
    expect(await subject.store.readStream(tenant, stream)).toHaveLength(600);
    expect(await subject.store.readStream(tenant, stream, { limit: 3 })).toHaveLength(3);
    expect(fake.state.largestPage).toBeLessThanOrEqual(512n);
    await until(() => fake.state.pages === 0);
  });

  it('a read that is not answered ends after our own time', async () => {
    const { tenant, stream } = await stored(1);
    const server = await KurrentDbServer.connect({ url: fake.url, callMs: 3_000, retryMs: 1 });
    fake.late(60_000, 'read');
    const begin = performance.now();
    const name = subject.server.names.of(tenant, stream);
    await expect(server.last(name, 1)).rejects.toThrow(LogUnavailableError);
    expect(performance.now() - begin).toBeLessThan(20_000);
    await server.close();
  }, 30_000);

  it('what answers neither is refused at start within ten seconds', async () => {
    fake.late(60_000, 'info');
    const begin = performance.now();
    const connecting = KurrentDbServer.connect({ url: fake.url });
    await expect(connecting).rejects.toThrow(LogUnavailableError);
    expect(performance.now() - begin).toBeLessThan(10_000);
  }, 30_000);

  it.each(['end', 'Unavailable', 'NotLeader', 'Unknown'] as const)(
    'a subscription that ends by %p is begun again where it was',
    async (how) => {
      await until(() => fake.state.subscriptions > 0);
      const { tenant } = await stored(2);
      fake.dropSubscriptions(how);
      await stored(2, tenant);
      await isCopied(tenant, 4);
    },
  );

  it('a connection that is cut is made again', async () => {
    const { tenant } = await stored(2);
    fake.cut();
    await stored(2, tenant);
    await isCopied(tenant, 4);
  });

  it.each(['Unavailable', 'DeadlineExceeded', 'NotLeader'] as const)(
    '%s is tried again: appends',
    async (kind) => {
      fake.fail(kind, 2, { method: 'append' });
      const { tenant, stream } = await stored(2);
      expect(await subject.store.readStream(tenant, stream)).toHaveLength(2);
    },
  );

  it.each(['Unavailable', 'DeadlineExceeded'] as const)(
    '%s is tried again: reads',
    async (kind) => {
      const { tenant, stream } = await stored(2);
      fake.fail(kind, 2, { method: 'read' });
      expect(await subject.store.readStream(tenant, stream)).toHaveLength(2);
    },
  );

  it('R4 an append that was stored and not answered is stored once', async () => {
    const [tenant, stream] = [newTenant(), newStream()];
    const request = newRequest(tenant, [
      { streamId: stream, expected: 'none', events: newEvents(3) },
    ]);
    fake.cut({ stored: true });
    expect((await subject.store.append(request)).status).toBe('appended');
    fake.fail('DeadlineExceeded', 1, { method: 'append', stored: true });
    await stored(1, tenant);
    expect((await subject.store.append(request)).status).toBe('duplicate');
    expect(await subject.store.readStream(tenant, stream)).toHaveLength(3);
    await isCopied(tenant, 4);
  });

  it('nobody says that all is there: it is known from the place of the newest event', async () => {
    await stored(5);
    await subject.store.settled();
    await until(() => subject.copy.status.isCaughtUp);
  });

  it('several streams are written at once, with or without the server’s help', async () => {
    const tenant = newTenant();
    const [one, two, guard] = [newStream(), newStream(), newStream()];
    await stored(1, tenant, guard);
    const outcome = await subject.store.append(
      newRequest(tenant, [
        { streamId: one, expected: 'none', events: newEvents(2) },
        { streamId: two, expected: 'none', events: newEvents(1) },
        { streamId: guard, expected: 1, events: [] },
      ]),
    );
    const [last] = await subject.store.readStream(tenant, two);
    expect(outcome).toEqual({ status: 'appended', position: last!.position });
    const calls = fake.state.calls.transaction;
    expect(version === '26.1.0' ? calls > 0 : calls === 0).toBe(true);
    await isCopied(tenant, 4);
  });

  it('a connection that was down at first and came back reads again', async () => {
    const { tenant, stream } = await stored(1);
    fake.down();
    await expect(subject.store.readStream(tenant, stream)).rejects.toThrow(LogUnavailableError);
    fake.up();
    await until(() => fake.state.subscriptions > 0);
    expect(await subject.store.readStream(tenant, stream)).toHaveLength(1);
  }, 60_000);
});

it('an append too large for the fake KurrentDB says what to set there', async () => {
  const fake = await startFakeKurrentDb({ version: '22.10.0', maxAppendSize: 1_000 });
  const subject = await kurrentDbSubject(fake.url);
  try {
    const large = appendTo(subject.store, newTenant(), newStream(), 'none', newEvents(20));
    await expect(large).rejects.toThrow('MaxAppendSize');
  } finally {
    await subject.close();
    await fake.stop();
  }
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { KurrentDBClient, NO_STREAM, START, streamNameFilter } from '@kurrent/kurrentdb-client';
import { setTimeout as pause } from 'node:timers/promises';
import type { FailureKind } from './errors.js';
import { newEvent, newEvents, newStream, revisions, start, stopAll, type Stand } from './stand.js';

const ended = Symbol('ended');

afterAll(stopAll);

/** Reads until the subscription ends; says how it ended and what came before. */
async function follow(client: KurrentDBClient, stream: string) {
  const filter = streamNameFilter({ prefixes: [stream] });
  const found: bigint[] = [];
  const subscription = client.subscribeToAll({ fromPosition: START, filter });
  let how: unknown = ended;
  try {
    for await (const { event } of subscription) found.push(event!.revision);
  } catch (error) {
    how = error;
  }
  return { found, how };
}

async function until(what: () => boolean): Promise<void> {
  for (let n = 0; n < 400 && !what(); n++) await pause(10);
  expect(what()).toBe(true);
}

describe('the fake KurrentDB fails when it is told to', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await start({ version: '26.1.0' });
  });
  afterEach(() => {
    stand.fake.up();
    stand.fake.clear();
  });

  const append = (stream: string, events = newEvents(1)) =>
    stand.client.appendToStream(stream, events, { streamState: NO_STREAM });
  const countOf = (stream: string) =>
    stand.fake.state.records.filter((one) => one.stream === stream).length;

  const ofAppends: [FailureKind, string][] = [
    ['Unavailable', 'unavailable'],
    ['DeadlineExceeded', 'deadline-exceeded'],
    ['NotLeader', 'not-leader'],
    ['AccessDenied', 'access-denied'],
    ['StreamNotFound', 'stream-not-found'],
    ['StreamDeleted', 'stream-deleted'],
    ['MaximumAppendSizeExceeded', 'maximum-append-size-exceeded'],
    ['WrongExpectedVersion', 'wrong-expected-version'],
    ['Unknown', 'unknown'],
  ];
  it.each(ofAppends)('%s: an append once, then no more', async (kind, type) => {
    const stream = newStream();
    stand.fake.fail(kind, 1, { method: 'append' });
    await expect(append(stream)).rejects.toMatchObject({ type });
    expect(countOf(stream)).toBe(0);
    await append(stream);
    expect(countOf(stream)).toBe(1);
  });

  it.each(ofAppends)('%s: an append to several streams', async (kind) => {
    const stream = newStream();
    const both = () =>
      stand.client.multiStreamAppend([
        { streamName: stream, expectedState: NO_STREAM, events: newEvents(1) },
        { streamName: newStream(), expectedState: NO_STREAM, events: newEvents(1) },
      ]);
    stand.fake.fail(kind, 1, { method: 'transaction' });
    await expect(both()).rejects.toThrow();
    expect(countOf(stream)).toBe(0);
    await both();
  });

  // The client's reads go through another library, which knows fewer kinds.
  const ofReads: [FailureKind, string][] = [
    ['Unavailable', 'unavailable'],
    ['DeadlineExceeded', 'deadline-exceeded'],
    ['NotLeader', 'not-leader'],
    ['AccessDenied', 'access-denied'],
    ['StreamNotFound', 'stream-not-found'],
    ['StreamDeleted', 'stream-deleted'],
    ['Unknown', 'unavailable'],
  ];
  it.each(ofReads)('%s: a read once, then no more', async (kind, type) => {
    const stream = newStream();
    await append(stream);
    stand.fake.fail(kind, 1, { method: 'read' });
    await expect(revisions(stand.client, stream)).rejects.toMatchObject({ type });
    await expect(revisions(stand.client, stream)).resolves.toEqual([0n]);
  });

  it('refuses what is larger than it takes', async () => {
    const small = await start({ version: '22.10.0', maxAppendSize: 1024 });
    const large = small.client.appendToStream(newStream(), newEvent('x'.repeat(2000)));
    await expect(large).rejects.toMatchObject({ maxAppendSize: 1024 });
  });

  it('stores and answers late, or with an error', async () => {
    const [late, failed] = [newStream(), newStream()];
    stand.fake.late(300, 'append');
    const appending = append(late);
    await until(() => countOf(late) === 1);
    const begin = performance.now();
    await appending;
    expect(performance.now() - begin).toBeGreaterThan(100);
    stand.fake.clear();
    stand.fake.fail('DeadlineExceeded', 1, { method: 'append', stored: true });
    await expect(append(failed)).rejects.toMatchObject({ type: 'deadline-exceeded' });
    expect(countOf(failed)).toBe(1);
  });

  it('stores and cuts the connection; the same events again change nothing', async () => {
    const [stream, events] = [newStream(), newEvents(2)];
    stand.fake.cut({ stored: true });
    await expect(append(stream, events)).rejects.toMatchObject({ type: 'unavailable' });
    expect(countOf(stream)).toBe(2);
    expect(await append(stream, events)).toMatchObject({ nextExpectedRevision: 1n });
    expect(countOf(stream)).toBe(2);
  });

  it('cuts a subscription after some events, and reads of pages', async () => {
    const stream = newStream();
    await append(stream, newEvents(100));
    stand.fake.cut({ afterEvents: 50 });
    const { found, how } = await follow(stand.client, stream);
    expect(how).toMatchObject({ type: 'unavailable' });
    expect(found).toEqual(found.map((_, n) => BigInt(n)));
    expect(found.length).toBeLessThanOrEqual(50);
    stand.fake.cut({ afterEvents: 10 });
    await expect(revisions(stand.client, stream)).rejects.toThrow();
  });

  it('ends subscriptions, quietly or with an error', async () => {
    const stream = newStream();
    await append(stream);
    const quiet = follow(stand.client, stream);
    await until(() => stand.fake.state.subscriptions === 1);
    stand.fake.dropSubscriptions();
    expect(await quiet).toEqual({ found: [0n], how: ended });
    const loud = follow(stand.client, stream);
    await until(() => stand.fake.state.subscriptions === 1);
    stand.fake.dropSubscriptions('AccessDenied');
    expect(await loud).toMatchObject({ found: [0n], how: { type: 'access-denied' } });
    await until(() => stand.fake.state.subscriptions === 0);
  });

  it('is down, and up again on the same port', async () => {
    const stream = newStream();
    await append(stream);
    stand.fake.down();
    await expect(append(newStream())).rejects.toMatchObject({ type: 'unavailable' });
    stand.fake.up();
    expect((await append(newStream())).success).toBe(true);
  });

  it('is down when a client first reads: that client never reads again, a new one does', async () => {
    const { fake, client } = await start({ version: '22.10.0' });
    const stream = newStream();
    await client.appendToStream(stream, newEvent());
    fake.down();
    await expect(revisions(client, stream)).rejects.toMatchObject({ type: 'unavailable' });
    fake.up();
    await expect(revisions(client, stream)).rejects.toMatchObject({ type: 'unavailable' });
    const fresh = KurrentDBClient.connectionString(fake.url);
    expect(await revisions(fresh, stream)).toEqual([0n]);
  });
});

describe('the fake KurrentDB uses what the protocol leaves open', () => {
  const first = 2n ** 53n + 1n;

  it('positions beyond what a number holds, and ids in two halves', async () => {
    const options = { version: '22.10.0', firstPosition: first, structuredUuids: true };
    const { fake, client } = await start(options);
    const [stream, event] = [newStream(), newEvent()];
    const { position } = await client.appendToStream(stream, event);
    expect(position).toEqual({ commit: first, prepare: first });
    for await (const read of client.readAll({ fromPosition: position! })) {
      expect(read.event).toMatchObject({ id: event.id, position });
    }
    const subscription = client.subscribeToAll();
    for await (const read of subscription) {
      expect(read.event).toMatchObject({ id: event.id, position });
      break;
    }
    expect(fake.state.records[0]!.prepare).toBe(first);
  });

  it('an append without a position, and one position for a whole transaction', async () => {
    const { fake, client } = await start({
      version: '26.1.0',
      noPositions: true,
      sharedCommits: true,
    });
    const { position } = await client.appendToStream(newStream(), newEvent());
    expect(position).toBeUndefined();
    const streams = [newStream(), newStream()];
    await client.multiStreamAppend(
      streams.map((streamName) => ({
        streamName,
        expectedState: NO_STREAM,
        events: newEvents(1),
      })),
    );
    const [one, two] = fake.state.records.slice(-2);
    expect(one!.commit).toBe(two!.commit);
    expect(one!.prepare).toBeLessThan(two!.prepare);
  });
});

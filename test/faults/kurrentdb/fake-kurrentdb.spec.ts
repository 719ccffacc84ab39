import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ANY,
  BACKWARDS,
  END,
  FORWARDS,
  NO_STREAM,
  STREAM_EXISTS,
  STREAM_STATE,
  streamNameFilter,
  WrongExpectedVersionError,
  type AllStreamResolvedEvent,
  type AppendStreamState,
} from '@kurrent/kurrentdb-client';
import { randomUUID } from 'node:crypto';
import { newEvent, newEvents, newStream, revisions, start, stopAll, type Stand } from './stand.js';

afterAll(stopAll);

const versions = ['22.10.0', '26.1.0'];

describe.each(versions)('the fake KurrentDB %s', (version) => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await start({ version });
  });
  afterEach(() => stand.fake.clear());

  const append = (stream: string, streamState: AppendStreamState, events = newEvents(1)) =>
    stand.client.appendToStream(stream, events, { streamState });

  const cases: [AppendStreamState, number, boolean][] = [
    [NO_STREAM, 0, true],
    [NO_STREAM, 2, false],
    [STREAM_EXISTS, 2, true],
    [STREAM_EXISTS, 0, false],
    [ANY, 0, true],
    [ANY, 2, true],
    [1n, 2, true],
    [0n, 2, false],
    [5n, 2, false],
  ];
  it.each(cases)('expecting %p of a stream with %i events: %p', async (state, count, fits) => {
    const stream = newStream();
    if (count > 0) await append(stream, NO_STREAM, newEvents(count));
    if (fits) {
      const { nextExpectedRevision, position } = await append(stream, state);
      expect(nextExpectedRevision).toBe(BigInt(count));
      expect(position!.commit).toBe(stand.fake.state.records.at(-1)!.commit);
      return;
    }
    const error = await append(stream, state).catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({
      streamName: stream,
      expectedState: state,
      actualState: count > 0 ? BigInt(count - 1) : NO_STREAM,
    });
  });

  it('answers the same events again as before, and refuses half of them', async () => {
    const [stream, events] = [newStream(), newEvents(3)];
    const first = await append(stream, NO_STREAM, events);
    await append(stream, 2n);
    expect(await append(stream, NO_STREAM, events)).toEqual(first);
    expect(await append(stream, ANY, events)).toEqual(first);
    const half = append(stream, NO_STREAM, [events[0]!, newEvent()]);
    await expect(half).rejects.toThrow(WrongExpectedVersionError);
    expect(await revisions(stand.client, stream)).toHaveLength(4);
  });

  it('reads pages of a stream both ways, and what was written', async () => {
    const { client } = stand;
    const stream = newStream();
    await append(stream, NO_STREAM, newEvents(5));
    expect(await revisions(client, stream, { maxCount: 2 })).toEqual([0n, 1n]);
    expect(await revisions(client, stream, { fromRevision: 3n })).toEqual([3n, 4n]);
    const backwards = { direction: BACKWARDS, fromRevision: END, maxCount: 2 } as const;
    expect(await revisions(client, stream, backwards)).toEqual([4n, 3n]);
    expect(await revisions(client, stream, { direction: BACKWARDS, fromRevision: 1n })).toEqual([
      1n,
      0n,
    ]);
    const [own] = stand.fake.state.records.filter((one) => one.stream === stream);
    for await (const { event } of client.readStream(stream, { maxCount: 1 })) {
      expect(event).toMatchObject({ id: own!.id, type: 'NoteWritten', data: { text: '0' } });
      expect(event!.metadata).toEqual({ by: 'spec' });
      // The client's reads keep whole seconds.
      expect(Math.trunc(event!.created.getTime() / 1000)).toBe(Math.trunc(own!.created / 1000));
    }
    const none = revisions(client, newStream());
    await expect(none).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  it('reads the log from a place, filtered, both ways', async () => {
    const { client } = stand;
    const [mine, other] = [newStream(), `else-${randomUUID()}`];
    await append(mine, NO_STREAM, newEvents(2));
    await append(other, NO_STREAM, newEvents(2));
    await append(mine, 1n, newEvents(1));
    const filter = streamNameFilter({ prefixes: [mine] });
    const read = async (options: object) => {
      const found: AllStreamResolvedEvent[] = [];
      for await (const event of client.readAll({ filter, ...options } as object)) found.push(event);
      return found.map(({ event }) => event!);
    };
    const all = await read({ direction: FORWARDS });
    expect(all.map(({ revision }) => revision)).toEqual([0n, 1n, 2n]);
    const from = await read({ fromPosition: all[1]!.position });
    expect(from.map(({ revision }) => revision)).toEqual([1n, 2n]);
    const back = await read({ fromPosition: END, direction: BACKWARDS, maxCount: 2 });
    expect(back.map(({ revision }) => revision)).toEqual([2n, 1n]);
    const before = await read({ fromPosition: all[2]!.position, direction: BACKWARDS });
    expect(before.map(({ revision }) => revision)).toEqual([1n, 0n]);
  });

  it('follows the log, filtered, and goes on with what is appended', async () => {
    const stream = newStream();
    await append(stream, NO_STREAM, newEvents(40));
    const places: bigint[] = [];
    const filter = streamNameFilter({
      prefixes: [stream],
      checkpointReached: async (_subscription, { commit }) => void places.push(commit),
    });
    const subscription = stand.client.subscribeToAll({ filter });
    let caughtUp = 0;
    subscription.on('caughtUp', () => (caughtUp += 1));
    const found: bigint[] = [];
    for await (const { event } of subscription) {
      found.push(event!.revision);
      if (found.length === 40) await append(stream, 39n, newEvents(2));
      if (found.length === 42) break;
    }
    expect(found).toEqual(Array.from({ length: 42 }, (_, n) => BigInt(n)));
    expect(places.length).toBeGreaterThan(0);
    // Servers before 23.10 never say so.
    expect(caughtUp).toBe(version === '22.10.0' ? 0 : 1);
    await subscription.unsubscribe();
  });

  it('deletes a stream and goes on behind it; tombstones it for ever', async () => {
    const { client } = stand;
    const stream = newStream();
    await append(stream, NO_STREAM, newEvents(2));
    await client.deleteStream(stream, { expectedRevision: 1n });
    await expect(revisions(client, stream)).rejects.toMatchObject({ type: 'stream-not-found' });
    expect(await append(stream, NO_STREAM)).toMatchObject({ nextExpectedRevision: 2n });
    expect(await revisions(client, stream)).toEqual([2n]);
    await client.tombstoneStream(stream, { expectedRevision: 2n });
    await expect(revisions(client, stream)).rejects.toMatchObject({ type: 'stream-deleted' });
    await expect(append(stream, ANY)).rejects.toMatchObject({ type: 'stream-deleted' });
  });

  it('keeps metadata of streams, and hides what they truncate', async () => {
    const { client } = stand;
    const stream = newStream();
    await append(stream, NO_STREAM, newEvents(5));
    await client.setStreamMetadata(stream, { truncateBefore: 2 });
    expect(await client.getStreamMetadata(stream)).toMatchObject({
      metadata: { truncateBefore: 2 },
    });
    expect(await revisions(client, stream)).toEqual([2n, 3n, 4n]);
    await client.setStreamMetadata(stream, { maxCount: 1 });
    expect(await revisions(client, stream)).toEqual([4n]);
  });

  it('appends to several streams at once where its version can', async () => {
    const { client } = stand;
    const [one, two] = [newStream(), newStream()];
    await append(one, NO_STREAM);
    const session = (expectedState: AppendStreamState) =>
      client.multiStreamAppend([
        { streamName: one, expectedState: 0n, events: newEvents(2) },
        { streamName: two, expectedState, events: newEvents(1) },
      ]);
    if (version === '22.10.0') {
      await expect(session(NO_STREAM)).rejects.toMatchObject({ type: 'unsupported' });
      await expect(client.appendRecords([], [])).rejects.toMatchObject({ type: 'unsupported' });
      return;
    }
    await expect(session(7n)).rejects.toMatchObject({
      type: 'wrong-expected-version',
      streamName: two,
      actualState: NO_STREAM,
    });
    expect(await revisions(client, one)).toEqual([0n]);
    const { position, responses } = await session(NO_STREAM);
    expect(responses.map(({ revision }) => revision)).toEqual([2n, 0n]);
    expect(position).toBe(stand.fake.state.records.at(-1)!.commit);
    const records = (expectedState: AppendStreamState) =>
      client.appendRecords(
        [{ streamName: two, record: newEvent() }],
        [
          { type: STREAM_STATE, streamName: two, expectedState: 0n },
          { type: STREAM_STATE, streamName: one, expectedState },
        ],
      );
    await expect(records(1n)).rejects.toMatchObject({
      violations: [{ checkIndex: 1, streamName: one, expectedState: 1n, actualState: 2n }],
    });
    expect((await records(2n)).responses).toEqual([{ streamName: two, revision: 1n }]);
    for await (const { event } of client.readStream(two, { maxCount: 1 })) {
      expect(event).toMatchObject({ data: { text: '0' }, metadata: { by: 'spec' } });
    }
  });
});

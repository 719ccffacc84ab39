import { describe, expect, it } from '@jest/globals';
import {
  AppendLimitError,
  MAX_EVENT_BYTES,
  type ExpectedRevision,
} from '#platform/event-store/port';
import {
  appendTo,
  newEvent,
  newEvents,
  newRequest,
  newStream,
  newTenant,
  type Subject,
} from './requests.js';

/** Optimistic concurrency, several streams at once, limits. */
export function appendContract(current: () => Subject): void {
  describe('append', () => {
    const cases: [ExpectedRevision, number, boolean][] = [
      [0, 0, true],
      [0, 2, false],
      [2, 2, true],
      [1, 2, false],
      [3, 2, false],
      [1, 0, false],
      ['none', 0, true],
      ['none', 2, false],
      ['exists', 2, true],
      ['exists', 0, false],
      ['any', 0, true],
      ['any', 2, true],
    ];
    it.each(cases)('expecting %p of a stream at %i: %p', async (expected, version, fits) => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      if (version > 0) await appendTo(store, tenant, stream, 'none', newEvents(version));
      const outcome = await appendTo(store, tenant, stream, expected);
      if (fits) expect(outcome.status).toBe('appended');
      else expect(outcome).toEqual({ status: 'conflict', streamId: stream, actual: version });
      const stored = await store.readStream(tenant, stream);
      expect(stored.map((event) => event.version)).toEqual(
        Array.from({ length: version + (fits ? 1 : 0) }, (_, index) => index + 1),
      );
    });

    it('lets one of twenty writers with the same expectation win', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      await appendTo(store, tenant, stream, 'none');
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => appendTo(store, tenant, stream, 1)),
      );
      expect(outcomes.filter(({ status }) => status === 'appended')).toHaveLength(1);
      expect(outcomes.filter(({ status }) => status === 'conflict')).toHaveLength(19);
      expect(await store.readStream(tenant, stream)).toHaveLength(2);
    });

    it('writes several streams at once, in the order given', async () => {
      const { store } = current();
      const tenant = newTenant();
      const [first, second] = [newStream(), newStream()];
      const outcome = await store.append(
        newRequest(tenant, [
          { streamId: first, expected: 'none', events: newEvents(2) },
          { streamId: second, expected: 0, events: newEvents(1) },
        ]),
      );
      expect(outcome.status).toBe('appended');
      expect(await store.readStream(tenant, first)).toHaveLength(2);
      const [only] = await store.readStream(tenant, second);
      expect(outcome).toEqual({ status: 'appended', position: only!.position });
    });

    it('writes all streams or none', async () => {
      const { store } = current();
      const tenant = newTenant();
      const [first, second] = [newStream(), newStream()];
      const outcome = await store.append(
        newRequest(tenant, [
          { streamId: first, expected: 'none', events: newEvents(2) },
          { streamId: second, expected: 'exists', events: newEvents(1) },
        ]),
      );
      expect(outcome).toEqual({ status: 'conflict', streamId: second, actual: 0 });
      expect(await store.readStream(tenant, first)).toEqual([]);
      expect(await store.readStream(tenant, second)).toEqual([]);
    });

    it('checks a stream without writing to it', async () => {
      const { store } = current();
      const tenant = newTenant();
      const [guard, written] = [newStream(), newStream()];
      await appendTo(store, tenant, guard, 'none', newEvents(3));
      const attempt = (expected: ExpectedRevision) =>
        store.append(
          newRequest(tenant, [
            { streamId: written, expected: 'any', events: newEvents(1) },
            { streamId: guard, expected, events: [] },
          ]),
        );
      expect(await attempt(2)).toEqual({ status: 'conflict', streamId: guard, actual: 3 });
      expect(await store.readStream(tenant, written)).toEqual([]);
      expect((await attempt(3)).status).toBe('appended');
      expect((await attempt('exists')).status).toBe('appended');
      expect(await attempt('none')).toMatchObject({ status: 'conflict', actual: 3 });
      expect(await store.readStream(tenant, guard)).toHaveLength(3);
      expect(await store.readStream(tenant, written)).toHaveLength(2);
    });

    it('never lets a guard and the stream it guards both move', async () => {
      const { store } = current();
      const tenant = newTenant();
      // Two writers, each guarding what the other writes: at most one of them may pass.
      for (let round = 0; round < 20; round++) {
        const [left, right] = [newStream(), newStream()];
        const cross = (mine: string, other: string) =>
          store.append(
            newRequest(tenant, [
              { streamId: mine, expected: 'none', events: newEvents(1) },
              { streamId: other, expected: 'none', events: [] },
            ]),
          );
        const outcomes = await Promise.all([cross(left, right), cross(right, left)]);
        expect(outcomes.map(({ status }) => status).sort()).toEqual(['appended', 'conflict']);
      }
    });

    it('touches at most 64 streams', async () => {
      const { store } = current();
      const tenant = newTenant();
      const streams = (count: number) =>
        Array.from({ length: count }, () => ({
          streamId: newStream(),
          expected: 'none' as const,
          events: newEvents(1),
        }));
      expect((await store.append(newRequest(tenant, streams(64)))).status).toBe('appended');
      const refused = store.append(newRequest(tenant, streams(65)));
      await expect(refused).rejects.toThrow(AppendLimitError);
      await expect(refused).rejects.toThrow('at most 64 streams, not 65');
    });

    it('names a stream once', async () => {
      const { store } = current();
      const one = { streamId: newStream(), expected: 'any' as const, events: newEvents(1) };
      const refused = store.append(newRequest(newTenant(), [one, { ...one, events: [] }]));
      await expect(refused).rejects.toThrow(AppendLimitError);
      await expect(refused).rejects.toThrow(one.streamId);
    });

    it('holds an event of 1 MB and refuses a larger one', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      const meta = '{}';
      // Two bytes of UTF-8 per character: the limit counts bytes.
      const data = (bytes: number) => JSON.stringify('é'.repeat((bytes - 2) / 2));
      const largest = MAX_EVENT_BYTES - meta.length;
      await appendTo(store, tenant, stream, 'none', [newEvent({ data: data(largest), meta })]);
      const [stored] = await store.readStream(tenant, stream);
      expect(stored!.data === data(largest)).toBe(true);
      const refused = appendTo(store, tenant, stream, 1, [
        newEvent({ data: data(largest + 2), meta }),
      ]);
      await expect(refused).rejects.toThrow(AppendLimitError);
      await expect(refused).rejects.toThrow('at most 1048576 bytes; NoteWritten has 1048578');
    });

    it.each(['', 'note', 'Note-1', 'note-', '-1', 'note-a b', `note-${'x'.repeat(101)}`])(
      'refuses the stream name %p',
      async (streamId) => {
        const refused = appendTo(current().store, newTenant(), streamId, 'any');
        await expect(refused).rejects.toThrow(`Not a stream name: ${streamId}`);
      },
    );

    it.each([-1, -2, 1.5, NaN, 2 ** 53])('refuses the revision %p', async (expected) => {
      const refused = appendTo(current().store, newTenant(), newStream(), expected);
      await expect(refused).rejects.toThrow(`Not a revision: ${expected}`);
    });

    it('refuses an event id used before, and only that append', async () => {
      const { store } = current();
      const tenant = newTenant();
      const [twice, other] = [newStream(), newStream()];
      const event = newEvent();
      await appendTo(store, tenant, twice, 'none', [event]);
      const [refused, neighbour, elsewhere] = await Promise.allSettled([
        appendTo(store, tenant, twice, 1, [event]),
        appendTo(store, tenant, other, 'none'),
        appendTo(store, newTenant(), twice, 'none', [event]),
      ]);
      expect(refused.status).toBe('rejected');
      expect(neighbour).toMatchObject({ value: { status: 'appended' } });
      expect(elsewhere).toMatchObject({ value: { status: 'appended' } });
      expect(await store.readStream(tenant, twice)).toHaveLength(1);
    });
  });

  describe('keys of data subjects', () => {
    const key = (subjectId: string, version = 1) => ({ subjectId, version, wrapped: 'c2VhbGVk' });

    it('stores a subject’s key once; the second writer is told to use the first one', async () => {
      const { store } = current();
      const [tenant, subject, stream] = [newTenant(), newTenant(), newStream()];
      const append = (version: number) =>
        store.append(
          newRequest(tenant, [{ streamId: stream, expected: 'any', events: newEvents(1) }], {
            keys: [key(subject, version)],
          }),
        );
      expect((await append(1)).status).toBe('appended');
      expect(await append(1)).toEqual({ status: 'keyConflict', subjectId: subject });
      expect(await store.readStream(tenant, stream)).toHaveLength(1);
      expect((await append(2)).status).toBe('appended');
    });

    it('lets one of ten first writers of a subject win', async () => {
      const { store } = current();
      const [tenant, subject] = [newTenant(), newTenant()];
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () =>
          store.append(
            newRequest(
              tenant,
              [{ streamId: newStream(), expected: 'none', events: newEvents(1) }],
              {
                keys: [key(subject)],
              },
            ),
          ),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'appended')).toHaveLength(1);
      expect(outcomes.filter(({ status }) => status === 'keyConflict')).toHaveLength(9);
    });

    it('stores no key of an append that failed', async () => {
      const { store } = current();
      const [tenant, subject, stream] = [newTenant(), newTenant(), newStream()];
      const append = (expected: ExpectedRevision) =>
        store.append(
          newRequest(tenant, [{ streamId: stream, expected, events: newEvents(1) }], {
            keys: [key(subject)],
          }),
        );
      expect((await append('exists')).status).toBe('conflict');
      expect((await append('none')).status).toBe('appended');
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import { comparePositions, parsePosition, START } from '#platform/event-store/port';
import {
  appendTo,
  mark,
  newEvents,
  newRequest,
  newStream,
  newTenant,
  readAll,
  type Subject,
} from './requests.js';

/** The feed: complete, ordered, resumable at any position. */
export function feedContract(current: () => Subject): void {
  describe('the feed', () => {
    it('holds every event once, each stream in its order', async () => {
      const { store } = current();
      const after = await mark(store);
      const tenant = newTenant();
      const streams = Array.from({ length: 5 }, () => newStream());
      await Promise.all(
        streams.map(async (stream) => {
          for (let version = 0; version < 20; version += 4) {
            await appendTo(store, tenant, stream, version, newEvents(4));
          }
        }),
      );
      const events = await readAll(store, { after, page: 7 });
      expect(events).toHaveLength(100);
      expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(100);
      for (const stream of streams) {
        const own = events.filter(({ streamId }) => streamId === stream);
        expect(own.map(({ version }) => version)).toEqual(own.map((_, index) => index + 1));
      }
      const ordered = [...events].sort((a, b) => comparePositions(a.position, b.position));
      expect(ordered).toEqual(events);
      const last = await mark(store);
      expect(comparePositions(events.at(-1)!.position, last)).toBeLessThan(0);
      expect(await store.head()).toBe(last);
    });

    it('goes on from any position', async () => {
      const { store } = current();
      const after = await mark(store);
      const tenant = newTenant();
      for (let index = 0; index < 12; index++) {
        await store.append(
          newRequest(tenant, [
            { streamId: newStream(), expected: 'none', events: newEvents(2) },
            { streamId: newStream(), expected: 'none', events: newEvents(1) },
          ]),
        );
      }
      await mark(store);
      const { events } = await store.readFeed({ after, limit: 1000 });
      expect(events).toHaveLength(36 + 1);
      for (const [index, event] of events.entries()) {
        const rest = await store.readFeed({ after: event.position, limit: 1000 });
        expect(rest.events).toEqual(events.slice(index + 1));
        expect(rest.caughtUp).toBe(true);
      }
    });

    it('tells when it is caught up and where to go on', async () => {
      const { store } = current();
      const after = await mark(store);
      await appendTo(store, newTenant(), newStream(), 'none', newEvents(3));
      const end = await mark(store);
      const first = await store.readFeed({ after, limit: 2 });
      expect(first).toMatchObject({ events: [{ version: 1 }, { version: 2 }], caughtUp: false });
      const second = await store.readFeed({ after: first.position, limit: 3 });
      expect(second).toMatchObject({ events: [{ version: 3 }, { version: 1 }], caughtUp: true });
      expect(second.position).toBe(end);
      const idle = await store.readFeed({ after: end, limit: 3 });
      expect(idle).toEqual({ events: [], position: end, caughtUp: true });
      await appendTo(store, newTenant(), newStream(), 'none');
      await mark(store);
      expect((await store.readFeed({ after: end, limit: 3 })).events).toHaveLength(2);
    });

    it('starts at the first event', async () => {
      const { store } = current();
      await mark(store);
      const [first] = (await store.readFeed({ after: START, limit: 1 })).events;
      expect(first).toBeDefined();
      expect(comparePositions(START, first!.position)).toBeLessThan(0);
    });

    it('can be read for one tenant', async () => {
      const { store } = current();
      const after = await mark(store);
      const [mine, other] = [newTenant(), newTenant()];
      for (const tenant of [mine, other, mine, other, mine]) {
        await appendTo(store, tenant, newStream(), 'none', newEvents(2));
      }
      const events = await readAll(store, { after, tenantId: mine, page: 4 });
      expect(events).toHaveLength(6);
      expect(new Set(events.map(({ tenantId }) => tenantId))).toEqual(new Set([mine]));
      const none = await store.readFeed({ after, tenantId: newTenant(), limit: 10 });
      expect(none).toMatchObject({ events: [], caughtUp: true });
    });

    it('shows only categories and types that are asked for, and passes by the others', async () => {
      const { store } = current();
      const after = await mark(store);
      const tenant = newTenant();
      const [deal, note] = [newStream('deal'), newStream('note')];
      for (let round = 0; round < 10; round++) {
        await appendTo(store, tenant, note, round, newEvents(1));
        if (round % 5 === 0) await appendTo(store, tenant, deal, round / 5, newEvents(1));
      }
      await appendTo(store, tenant, deal, 2, newEvents(1, { type: 'DealWon' }));
      const end = await mark(store);
      const read = async (filter: { categories?: string[]; types?: string[] }) => {
        const found: string[] = [];
        let position = after;
        for (let pages = 1; ; pages++) {
          const page = await store.readFeed({
            after: position,
            limit: 3,
            tenantId: tenant,
            ...filter,
          });
          found.push(
            ...page.events.map(({ streamId, type }) => `${streamId.split('-')[0]} ${type}`),
          );
          expect(comparePositions(page.position, position)).toBeGreaterThanOrEqual(0);
          position = page.position;
          if (page.caughtUp) return { found, pages, position };
        }
      };
      const notes = await read({ categories: ['note'] });
      expect(notes.found).toEqual(Array.from({ length: 10 }, () => 'note NoteWritten'));
      const won = await read({ types: ['DealWon'] });
      expect(won.found).toEqual(['deal DealWon']);
      expect((await read({ categories: ['deal'], types: ['NoteWritten'] })).found).toHaveLength(2);
      // Nothing matches, and the place to go on is behind everything all the same.
      const nothing = await read({ types: ['NeverHappened'] });
      expect(nothing).toMatchObject({ found: [], pages: 5 });
      expect(comparePositions(nothing.position, end)).toBeLessThan(0);
      expect(nothing.position).toBe(won.position);
    });

    it('names in the answer of an append the position of its last event', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      const outcome = await appendTo(store, tenant, stream, 'none', newEvents(3));
      const [last] = await store.readStream(tenant, stream, { direction: 'backward', limit: 1 });
      expect(outcome).toEqual({ status: 'appended', position: last!.position });
    });
  });

  describe('positions', () => {
    it('are compared as numbers, never as text', () => {
      const ascending = [
        START,
        '1.9.3.0',
        '1.10.2.63',
        '1.10.11.0',
        '1.9007199254740993.1.0',
        '1.9007199254740994.1.0',
        '2.1.1.0',
        '10.1.1.0',
      ];
      const shuffled = [...ascending].sort();
      expect(shuffled).not.toEqual(ascending);
      expect(shuffled.sort(comparePositions)).toEqual(ascending);
      // The shard tells whose position it is, not where.
      expect(comparePositions('1.2.3.4', '1.2.3.5')).toBe(0);
    });

    it.each(['', '1', '1.2.3', '1.2.3.4.5', '-1.2.3.4', '1.2.3.x', '1.2.3.400', ' 1.2.3.4'])(
      'refuse the text %p',
      async (text) => {
        expect(() => parsePosition(text)).toThrow('not a feed position');
        await expect(current().store.readFeed({ after: text, limit: 1 })).rejects.toThrow(
          RangeError,
        );
      },
    );
  });
}

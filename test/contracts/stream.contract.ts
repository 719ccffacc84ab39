import { describe, expect, it } from '@jest/globals';
import { eventHash, firstBrokenLink } from '#platform/event-store/hash';
import type { StoredEvent } from '#platform/event-store/port';
import { appendTo, newEvent, newEvents, newStream, newTenant, type Subject } from './requests.js';

const HOUR = 3_600_000;
const versions = (events: readonly StoredEvent[]) => events.map(({ version }) => version);

/** Reading one stream: paging, fidelity, times, hash chain, snapshots, tenants. */
export function streamContract(current: () => Subject): void {
  describe('a stream', () => {
    it('is read in pages, both ways', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      await appendTo(store, tenant, stream, 'none', newEvents(10));
      const read = async (options: Parameters<typeof store.readStream>[2]) =>
        versions(await store.readStream(tenant, stream, options));
      expect(await read({})).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await read({ limit: 3 })).toEqual([1, 2, 3]);
      expect(await read({ from: 4, limit: 3 })).toEqual([4, 5, 6]);
      expect(await read({ from: 9, limit: 3 })).toEqual([9, 10]);
      expect(await read({ from: 11 })).toEqual([]);
      expect(await read({ direction: 'backward', limit: 3 })).toEqual([10, 9, 8]);
      expect(await read({ direction: 'backward', from: 7, limit: 3 })).toEqual([7, 6, 5]);
      expect(await read({ direction: 'backward', from: 2 })).toEqual([2, 1]);
      expect(await read({ direction: 'backward', from: 99, limit: 1 })).toEqual([10]);
      expect(await store.readStream(tenant, newStream())).toEqual([]);
    });

    it('gives back exactly what was written', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      const texts = [
        '{"text":"Zoë 東京 🦊 \\u2028 \\\\ \\" {} , NULL"}',
        '{"a":1e+30,"b":[],"c":{},"d":null,"e":"\\n\\t"}',
        '""',
        'null',
      ];
      const events = texts.map((data) =>
        newEvent({ data, type: 'Größe,"x"\\', meta: '{"keys":"\u{1f511}"}', schemaVersion: 7 }),
      );
      const sealed = newEvent({ keyId: `${tenant}:1` });
      await appendTo(store, tenant, stream, 'none', [...events, sealed]);
      const stored = await store.readStream(tenant, stream);
      expect(stored.slice(0, 4)).toMatchObject(
        events.map((event, index) => ({
          ...event,
          tenantId: tenant,
          streamId: stream,
          version: index + 1,
          keyId: null,
        })),
      );
      expect(stored[4]).toMatchObject(sealed);
      expect((await store.load(tenant, stream)).events).toEqual(stored);
    });

    it('carries a hash chain that anyone can compute', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      await appendTo(store, tenant, stream, 'none', newEvents(3));
      await appendTo(store, tenant, stream, 3, [newEvent({ data: '{"text":"ü"}' })]);
      const events = await store.readStream(tenant, stream);
      expect(events[0]!.prevHash).toBe('0'.repeat(64));
      expect(events.map(eventHash)).toEqual(events.map(({ hash }) => hash));
      expect(firstBrokenLink(events)).toBeUndefined();
      expect(firstBrokenLink(events.toSpliced(1, 1))).toBe(2);
      expect(firstBrokenLink(events.toReversed())).toBe(1);
    });

    it('grows in both times, whatever the writer and the clock say', async () => {
      const subject = current();
      const { store } = subject;
      const [tenant, stream] = [newTenant(), newStream()];
      const now = Math.floor(Date.now() / 1000) * 1000;
      const past = (hours: number) => new Date(now - hours * HOUR);
      const imported = [past(48), past(72), past(24)];
      const events = imported.map((occurredAt) => newEvent({ occurredAt }));
      await appendTo(store, tenant, stream, 'none', events);
      await appendTo(store, tenant, stream, 3);
      await subject.turnClockBack(tenant, stream);
      await appendTo(store, tenant, stream, 4);
      await appendTo(store, tenant, stream, 5, [newEvent({ occurredAt: past(48) })]);
      const stored = await store.readStream(tenant, stream);
      const occurred = stored.map(({ occurredAt }) => occurredAt.getTime());
      const recorded = stored.map(({ recordedAt }) => recordedAt.getTime());
      expect(occurred.slice(0, 3)).toEqual([past(48), past(48), past(24)].map(Number));
      for (const times of [occurred, recorded]) {
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
      expect(recorded[4]!).toBeGreaterThanOrEqual(recorded[3]!);
      expect(firstBrokenLink(stored)).toBeUndefined();
    });

    it('is recorded no later than its writer is answered', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      const answered: number[] = [];
      for (let version = 0; version < 100; version++) {
        await appendTo(store, tenant, stream, version);
        answered.push(Date.now());
      }
      const stored = await store.readStream(tenant, stream);
      const late = stored.filter((event, index) => event.recordedAt.getTime() > answered[index]!);
      expect(late).toEqual([]);
    });

    it('of a hundred thousand events is appended, read from both ends and verified', async () => {
      const { store, longest: length = 100_000 } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      const batch = 2000;
      for (let version = 0; version < length; version += batch) {
        await appendTo(store, tenant, stream, version, newEvents(batch));
      }
      const { events } = await store.load(tenant, stream);
      expect(events).toHaveLength(length);
      expect(firstBrokenLink(events)).toBeUndefined();
      const last = await store.readStream(tenant, stream, { direction: 'backward', limit: 2 });
      expect(versions(last)).toEqual([length, length - 1]);
      const from = 0.7 * length + 1;
      const next = await store.readStream(tenant, stream, { from, limit: 2 });
      expect(versions(next)).toEqual([from, from + 1]);
    }, 120_000);

    it('belongs to its tenant', async () => {
      const { store } = current();
      const [one, other, stream] = [newTenant(), newTenant(), newStream()];
      await appendTo(store, one, stream, 'none', newEvents(2));
      expect(await store.readStream(other, stream)).toEqual([]);
      expect((await store.load(other, stream)).events).toEqual([]);
      expect((await appendTo(store, other, stream, 'none')).status).toBe('appended');
      expect(await store.readStream(one, stream)).toHaveLength(2);
      expect(await store.readStream(other, stream)).toHaveLength(1);
    });
  });

  describe('a snapshot', () => {
    it('shortens the tail until its state key is stale', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      await appendTo(store, tenant, stream, 'none', newEvents(5));
      const snapshot = { version: 3, stateKey: 'note:1', state: 'sealed' };
      await store.saveSnapshot(tenant, stream, snapshot);
      const loaded = await store.load(tenant, stream, { stateKey: 'note:1' });
      expect(loaded.snapshot).toEqual(snapshot);
      expect(versions(loaded.events)).toEqual([4, 5]);
      for (const stateKey of ['note:2', undefined]) {
        const whole = await store.load(tenant, stream, stateKey ? { stateKey } : {});
        expect(whole.snapshot).toBeUndefined();
        expect(versions(whole.events)).toEqual([1, 2, 3, 4, 5]);
      }
      expect((await store.load(newTenant(), stream, { stateKey: 'note:1' })).events).toEqual([]);
    });

    it('never gives way to an older one of the same state, and always to another state', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      await appendTo(store, tenant, stream, 'none', newEvents(5));
      const save = (version: number, stateKey: string) =>
        store.saveSnapshot(tenant, stream, { version, stateKey, state: `${stateKey}@${version}` });
      const load = async (stateKey: string) =>
        (await store.load(tenant, stream, { stateKey })).snapshot?.version;
      await save(4, 'note:1');
      await save(2, 'note:1');
      expect(await load('note:1')).toBe(4);
      await save(3, 'note:2');
      expect(await load('note:1')).toBeUndefined();
      expect(await load('note:2')).toBe(3);
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import type { Closed } from '#platform/event-store/port';
import { appendTo, newEvents, newRequest, newStream, newTenant, type Subject } from './requests.js';

/** Archive and tombstone: streams that are read as before and take no more events. */
export function closedContract(current: () => Subject): void {
  describe('closed streams', () => {
    it.each<Closed>(['archived', 'tombstoned'])('%s: read, checked, not written', async (as) => {
      const { store } = current();
      const [tenant, stream, other] = [newTenant(), newStream(), newStream()];
      await appendTo(store, tenant, stream, 'none', newEvents(3));
      expect(await store.closeStream(tenant, stream, as)).toBe(as);
      const before = await store.readStream(tenant, stream);
      expect(before).toHaveLength(3);
      expect(await appendTo(store, tenant, stream, 3)).toEqual({
        status: 'closed',
        streamId: stream,
        as,
      });
      const checked = await store.append(
        newRequest(tenant, [
          { streamId: stream, expected: 3, events: [] },
          { streamId: other, expected: 'none', events: newEvents(1) },
        ]),
      );
      expect(checked.status).toBe('appended');
      const both = await store.append(
        newRequest(tenant, [
          { streamId: other, expected: 1, events: newEvents(1) },
          { streamId: stream, expected: 3, events: newEvents(1) },
        ]),
      );
      expect(both).toMatchObject({ status: 'closed', streamId: stream });
      expect(await store.readStream(tenant, stream)).toEqual(before);
      expect(await store.readStream(tenant, other)).toHaveLength(1);
    });

    it('an archived stream is opened again, a tombstone never', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      await appendTo(store, tenant, stream, 'none');
      await store.closeStream(tenant, stream, 'archived');
      expect(await store.closeStream(tenant, stream, null)).toBe('open');
      expect((await appendTo(store, tenant, stream, 1)).status).toBe('appended');
      expect(await store.closeStream(tenant, stream, 'tombstoned')).toBe('tombstoned');
      expect(await store.closeStream(tenant, stream, null)).toBe('tombstoned');
      expect(await store.closeStream(tenant, stream, 'archived')).toBe('tombstoned');
      expect((await appendTo(store, tenant, stream, 2)).status).toBe('closed');
    });

    it('of another tenant, or of nobody, are absent', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      await appendTo(store, tenant, stream, 'none');
      expect(await store.closeStream(newTenant(), stream, 'tombstoned')).toBe('absent');
      expect(await store.closeStream(tenant, newStream(), 'archived')).toBe('absent');
      expect((await appendTo(store, tenant, stream, 1)).status).toBe('appended');
    });

    it('closing waits for no writer and lets none slip behind', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      await appendTo(store, tenant, stream, 'none');
      const writes = Array.from({ length: 10 }, () => appendTo(store, tenant, stream, 'any'));
      const closing = store.closeStream(tenant, stream, 'tombstoned');
      const outcomes = await Promise.all(writes);
      await closing;
      const appended = outcomes.filter(({ status }) => status === 'appended').length;
      expect(await store.readStream(tenant, stream)).toHaveLength(1 + appended);
      expect((await appendTo(store, tenant, stream, 'any')).status).toBe('closed');
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import { START, type AppendOutcome } from '#platform/event-store/port';
import {
  appendTo,
  newEvents,
  newRequest,
  newStream,
  newTenant,
  readAll,
  type Subject,
} from './requests.js';

const hash = (byte: string) => byte.repeat(32);

/** A command id is answered once; every retry gets the stored answer. */
export function commandContract(current: () => Subject): void {
  describe('command ids', () => {
    it('answer a retry with the stored result and append nothing', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      const request = newRequest(
        tenant,
        [{ streamId: stream, expected: 'none', events: newEvents(2) }],
        { result: '{"revision":2}' },
      );
      const first = await store.append(request);
      expect(first.status).toBe('appended');
      const { position } = first as AppendOutcome & { status: 'appended' };
      const stored = { requestHash: request.requestHash, result: '{"revision":2}', position };
      expect(await store.append(request)).toEqual({ status: 'duplicate', stored });
      // The retry may even come without its events, or for a stream that has moved on.
      const bare = { ...request, streams: [], result: '{"other":true}' };
      expect(await store.append(bare)).toEqual({ status: 'duplicate', stored });
      expect(await store.readStream(tenant, stream)).toHaveLength(2);
    });

    it('keep a refusal, which has no streams', async () => {
      const { store } = current();
      const tenant = newTenant();
      const refused = newRequest(tenant, [], { result: '{"refusal":{"code":"NO"}}' });
      const first = await store.append(refused);
      expect(first.status).toBe('appended');
      const later = { ...refused, result: '{"revision":1}' };
      const retry = await store.append({
        ...later,
        streams: [{ streamId: newStream(), expected: 'none', events: newEvents(1) }],
      });
      expect(retry).toMatchObject({ status: 'duplicate', stored: { result: refused.result } });
      expect(await readAll(store, { after: START, tenantId: tenant })).toEqual([]);
    });

    it('refuse the same id with another payload', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      const request = newRequest(tenant, [
        { streamId: stream, expected: 'none', events: newEvents(1) },
      ]);
      await store.append(request);
      const other = {
        ...request,
        requestHash: hash('cd'),
        streams: [{ streamId: newStream(), expected: 'none' as const, events: newEvents(1) }],
      };
      expect(await store.append(other)).toEqual({ status: 'reused' });
      expect(await store.readStream(tenant, other.streams[0]!.streamId)).toEqual([]);
    });

    it('are not used up by a conflict', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      const streams = [{ streamId: stream, expected: 1, events: newEvents(1) }];
      const request = newRequest(tenant, streams);
      expect((await store.append(request)).status).toBe('conflict');
      await appendTo(store, tenant, stream, 'none');
      expect((await store.append(request)).status).toBe('appended');
    });

    it('belong to their tenant', async () => {
      const { store } = current();
      const commandId = uuidv7();
      for (const requestHash of [hash('aa'), hash('bb')]) {
        const outcome = await store.append(
          newRequest(
            newTenant(),
            [{ streamId: newStream(), expected: 'none', events: newEvents(1) }],
            { commandId, requestHash },
          ),
        );
        expect(outcome.status).toBe('appended');
      }
    });

    it('have one effect and one answer when fifty calls come at once', async () => {
      const { store } = current();
      const [tenant, commandId] = [newTenant(), uuidv7()];
      const calls = Array.from({ length: 50 }, (_, index) => ({
        streamId: newStream(),
        result: `{"call":${index}}`,
      }));
      // Each call is a separate attempt that chose its own new stream.
      const outcomes = await Promise.all(
        calls.map(({ streamId, result }) =>
          store.append(
            newRequest(tenant, [{ streamId, expected: 'none', events: newEvents(1) }], {
              commandId,
              result,
            }),
          ),
        ),
      );
      const winners = calls.filter((_, index) => outcomes[index]!.status === 'appended');
      expect(winners).toHaveLength(1);
      const answers = outcomes.flatMap((one) => (one.status === 'duplicate' ? [one.stored] : []));
      expect(answers).toHaveLength(49);
      expect(new Set(answers.map(({ result }) => result))).toEqual(new Set([winners[0]!.result]));
      expect(new Set(answers.map(({ position }) => position)).size).toBe(1);
      const events = await readAll(store, { after: START, tenantId: tenant });
      expect(events.map(({ streamId }) => streamId)).toEqual([winners[0]!.streamId]);
    });

    it('come with the stream when it is loaded', async () => {
      const { store } = current();
      const [tenant, stream] = [newTenant(), newStream()];
      const request = newRequest(tenant, [
        { streamId: stream, expected: 'none', events: newEvents(1) },
      ]);
      const { commandId } = request;
      expect(await store.load(tenant, stream, { commandId })).toEqual({ events: [] });
      const outcome = await store.append(request);
      const loaded = await store.load(tenant, stream, { commandId });
      expect(loaded.stored).toEqual({
        requestHash: request.requestHash,
        result: request.result,
        position: (outcome as AppendOutcome & { status: 'appended' }).position,
      });
      expect(loaded.events).toHaveLength(1);
      expect((await store.load(tenant, stream)).stored).toBeUndefined();
      expect((await store.load(newTenant(), stream, { commandId })).stored).toBeUndefined();
    });
  });
}

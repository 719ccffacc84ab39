import { describe, expect, it } from '@jest/globals';
import {
  kindOf,
  LogUnavailableError,
  pauseBefore,
  persistently,
} from '#platform/event-store/kurrentdb/errors';
import { StreamNames } from '#platform/event-store/kurrentdb/names';
import {
  claimOf,
  EMPTY,
  isBefore,
  readEvent,
  serverEvents,
  serverPosition,
} from '#platform/event-store/kurrentdb/records';
import { newEvents, newRequest, newStream, newTenant } from './requests.js';

describe('what the client of KurrentDB gives', () => {
  it('are revisions and places of either type, which mean the same', () => {
    const names = new StreamNames();
    const [tenantId, streamId] = [newTenant(), newStream()];
    const request = newRequest(tenantId, [{ streamId, expected: 'none', events: newEvents(1) }]);
    const claim = claimOf(request, new Map([[streamId, EMPTY]]), Date.now(), 'token');
    const [event] = serverEvents(claim, claim.streams[0]!);
    const read = <N extends bigint | number>(revision: N, commit: N, prepare: N) =>
      readEvent(names, 7, {
        ...{ streamId: names.of(tenantId, streamId), id: event!.id!, type: event!.type },
        ...{ data: event!.data, metadata: event!.metadata },
        ...{ revision, position: { commit, prepare } },
      });
    expect(read(0, 12, 9)).toEqual(read(0n, 12n, 9n));
    expect(read(0, 12, 9)).toMatchObject({ version: 1, at: { commit: 12n, prepare: 9n } });
    const [number, big] = [serverPosition({ commit: 5, prepare: 4 }), { commit: 5n, prepare: 5n }];
    expect([isBefore(number, big), isBefore(big, number)]).toEqual([true, false]);
  });

  it('is before everything where the server does not tell a place', () => {
    const start = { commit: 0n, prepare: 0n };
    expect(serverPosition(undefined)).toEqual(start);
    for (const unknown of [-1n, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(serverPosition({ commit: unknown, prepare: unknown })).toEqual(start);
    }
  });

  it('is gRPC’s code 14 alone, which is tried again, and an error of our own after the time', async () => {
    const unavailable = Object.assign(new Error('14'), { code: 14 });
    expect(kindOf(unavailable)).toBe('later');
    let calls = 0;
    const twice = () => (++calls < 3 ? Promise.reject(unavailable) : Promise.resolve('done'));
    expect(await persistently(5_000, twice)).toBe('done');
    await expect(persistently(1, () => Promise.reject(unavailable))).rejects.toThrow(
      LogUnavailableError,
    );
    const surprise = new Error('13');
    calls = 0;
    const refused = () => Promise.reject(((calls += 1), surprise));
    await expect(persistently(5_000, refused)).rejects.toBe(surprise);
    expect(calls).toBe(1);
  });

  it('is tried again after pauses that grow and are not alike, so that not all come at once', () => {
    for (const [attempt, most] of [25, 50, 100, 200, 400, 800, 1_600, 2_000, 2_000].entries()) {
      const pauses = Array.from({ length: 50 }, () => pauseBefore(attempt));
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(most / 2);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(most);
      expect(new Set(pauses).size).toBeGreaterThan(25);
    }
  });
});

describe('names of streams on the server', () => {
  it('have a category of the server’s own kind for each tenant and category of ours', () => {
    const [tenantId, streamId] = [newTenant(), newStream('deal')];
    const names = new StreamNames('x_');
    const name = names.of(tenantId, streamId);
    // What `$by_category` takes: everything before the first dash.
    expect(name.split('-')[0]).toBe(`x_${tenantId.replaceAll('-', '')}.deal`);
    expect(names.parse(name)).toEqual({ tenantId, streamId });
    expect(names.parse(`y_${name}`)).toBeUndefined();
  });
});

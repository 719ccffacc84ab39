import { beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { QueryConfig } from 'pg';
import { uuidv7 } from '#kernel/ids';
import type { Database } from '../postgres/database.js';
import { GroupAppend } from './group-append.js';
import type { AppendRequest } from './port.js';

const DIMENSION = 12;

/** A call that reached the database: how many items it had and whether it may wait for locks. */
interface Seen {
  readonly items: number;
  readonly patient: boolean;
}

describe('group append', () => {
  let seen: Seen[];
  let answer: (call: Seen) => Promise<readonly object[]>;
  let group: GroupAppend;

  beforeEach(() => {
    seen = [];
    answer = ({ items }) => Promise.resolve(Array<object>(items).fill({ status: 'appended' }));
    const query = async ({ values }: QueryConfig) => {
      const [patient, tenants] = values as [boolean, Buffer];
      const call = { items: tenants.readInt32BE(DIMENSION), patient };
      seen.push(call);
      return { rows: [{ outcomes: await answer(call) }] };
    };
    group = new GroupAppend({ pool: () => ({ query }), named: () => ({}) } as unknown as Database);
  });

  function request(tenantId = randomUUID(), events = 1, data = '{}'): AppendRequest {
    const event = { eventId: uuidv7(), type: 'X', schemaVersion: 1, data, meta: '{}' };
    return {
      tenantId,
      commandId: uuidv7(),
      requestHash: 'ab'.repeat(32),
      result: '{}',
      streams: [{ streamId: `note-${uuidv7()}`, expected: 0, events: Array(events).fill(event) }],
    };
  }
  const append = (count: number, make = () => request()) =>
    Promise.all(Array.from({ length: count }, () => group.append(make())));

  const reached = async (there: () => boolean) => {
    while (!there()) await pause(1);
  };

  it('sends what arrives in one turn in one call', async () => {
    await append(20);
    await append(1);
    expect(seen.map(({ items }) => items)).toEqual([20, 1]);
  });

  it('sends what arrives while two calls are under way when one of them ends', async () => {
    const ends: (() => void)[] = [];
    answer = ({ items }) =>
      new Promise((resolve) =>
        ends.push(() => resolve(Array<object>(items).fill({ status: 'appended' }))),
      );
    const all = [];
    for (const count of [3, 4]) {
      all.push(append(count));
      await reached(() => seen.length === all.length);
    }
    all.push(append(5), append(6));
    await pause(20);
    expect(seen.map(({ items }) => items)).toEqual([3, 4]);
    ends[0]!();
    await all[0];
    await reached(() => seen.length === 3);
    expect(seen.map(({ items }) => items)).toEqual([3, 4, 11]);
    ends.forEach((end) => end());
    await Promise.all(all);
    await group.drain();
  });

  it('keeps calls short: at most 256 rows or a megabyte, but any single append', async () => {
    await append(200);
    expect(seen.map(({ items }) => items)).toEqual([85, 85, 30]);
    seen = [];
    await append(3, () => request(randomUUID(), 1, 'x'.repeat(600_000)));
    expect(seen.map(({ items }) => items)).toEqual([1, 1, 1]);
    seen = [];
    await append(1, () => request(randomUUID(), 1000));
    expect(seen).toHaveLength(1);
  });

  it('sends each item alone when one of them is bad', async () => {
    answer = ({ items }) =>
      items > 1 || seen.length === 3
        ? Promise.reject(Object.assign(new Error('duplicate key'), { code: '23505' }))
        : Promise.resolve([{ status: 'appended' }]);
    const results = await Promise.allSettled(
      Array.from({ length: 3 }, () => group.append(request())),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails only the item that cannot be sent at all', async () => {
    const bad = { ...request(), tenantId: 'no-uuid' };
    const results = await Promise.allSettled([group.append(request()), group.append(bad)]);
    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { message: 'not 16 bytes in hexadecimal: no-uuid' } },
    ]);
  });

  it.each(['ECONNREFUSED', '57P01', '53300', '08006'])(
    'does not try again item by item when the database is away (%s)',
    async (code) => {
      answer = () => Promise.reject(Object.assign(new Error('away'), { code }));
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, () => group.append(request())),
      );
      expect(results.every(({ status }) => status === 'rejected')).toBe(true);
      expect(seen).toHaveLength(1);
    },
  );

  it('lets a locked tenant wait in a call of its own, in the order of arrival', async () => {
    const [locked, free] = [randomUUID(), randomUUID()];
    let unlock: (() => void) | undefined;
    const unlocked = new Promise<void>((resolve) => (unlock = resolve));
    answer = async ({ items, patient }) => {
      if (patient) await unlocked;
      else if (seen.length === 1) {
        return [{ status: 'busy' }, { status: 'appended' }, { status: 'busy' }];
      }
      return Array<object>(items).fill({ status: 'appended' });
    };
    const waiting = [request(locked), request(free), request(locked)].map((r) => group.append(r));
    await waiting[1];
    await append(5, () => request(free));
    const later = group.append(request(locked));
    await append(1, () => request(free));
    expect(seen).toEqual([
      { items: 3, patient: false },
      { items: 2, patient: true },
      { items: 5, patient: false },
      { items: 1, patient: false },
    ]);
    unlock!();
    await Promise.all([...waiting, later]);
    expect(seen.at(-1)).toEqual({ items: 1, patient: false });
    await group.drain();
  });
});

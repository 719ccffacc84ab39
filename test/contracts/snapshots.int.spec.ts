import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import type { Loaded } from '#platform/event-store/port';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { newTenant } from './requests.js';
import { appendFacts, callerOf, memoryStand, postgresStand, type Stand } from './stand.js';

const LONG = 230;

describe('snapshots of long streams', () => {
  let test: TestDatabase;
  const open: { close: () => Promise<void> }[] = [];
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(async () => {
    await Promise.all(open.map((one) => one.close()));
    await test.drop();
  });
  const inPostgres = (stateVersion = 1) => {
    const stand = postgresStand(test, { stateVersion });
    open.push(stand);
    return stand;
  };

  let tenant: string;
  let loaded: Loaded[];
  beforeEach(() => {
    tenant = newTenant();
    loaded = [];
  });

  /** Records what the commands of this process load. */
  function watched<S extends Stand>(stand: S): S {
    const load = stand.store.load.bind(stand.store);
    stand.store.load = async (...args) => {
      const found = await load(...args);
      loaded.push(found);
      return found;
    };
    return stand;
  }

  const send = (stand: Stand, name: string, input: object, id?: string, commandId = uuidv7()) =>
    stand.dispatcher.dispatch(stand.command(name), input, callerOf(tenant), {
      commandId,
      ...(id ? { id } : {}),
    });

  /** A member with a long history: a point at a time, the 200th event by a command. */
  async function longMember(stand: Stand): Promise<string> {
    const input = { personId: uuidv7(), name: 'Ada', plan: 'basic' };
    const { id } = (await send(stand, 'JoinMember', input)) as Accepted;
    const stream = `member-${id}`;
    const points = (count: number) =>
      Array.from({ length: count }, () => ({
        type: 'MemberPointsChanged',
        data: { memberId: id, by: 1 },
      }));
    await appendFacts(stand, tenant, stream, 1, points(198));
    await send(stand, 'GivePoints', { by: 1 }, id);
    await appendFacts(stand, tenant, stream, 200, points(LONG - 200));
    loaded = [];
    return id;
  }
  const stateOf = async (stand: Stand, id: string) => {
    // A decision that only the whole state allows: all points are taken at once.
    const taken = await send(stand, 'GivePoints', { by: -(LONG - 1) }, id);
    const tooMany = await send(stand, 'GivePoints', { by: -1 }, id);
    return { taken, tooMany };
  };
  const complete = {
    taken: { accepted: true, revision: LONG + 1 },
    tooMany: { refused: true, code: 'TOO_FEW_POINTS' },
  };

  it.each([
    ['memory', () => memoryStand()],
    ['PostgreSQL', () => inPostgres()],
  ])('shorten what a command loads: %s', async (_, start) => {
    const stand = watched(start());
    const id = await longMember(stand);
    expect(await stateOf(stand, id)).toMatchObject(complete);
    expect(loaded[0]).toMatchObject({ snapshot: { version: 200 } });
    expect(loaded[0]!.events).toHaveLength(LONG - 200);
    expect(loaded[0]!.events[0]!.version).toBe(201);
  });

  it('of another state version are discarded and made anew', async () => {
    const id = await longMember(inPostgres());
    const next = watched(inPostgres(2));
    expect(await stateOf(next, id)).toMatchObject(complete);
    expect(loaded[0]!.snapshot).toBeUndefined();
    expect(loaded[0]!.events).toHaveLength(LONG);
    expect(loaded[1]).toMatchObject({ snapshot: { version: LONG + 1 }, events: [] });
  });

  it('that were altered, moved or sealed under a lost key are not trusted', async () => {
    const stand = watched(inPostgres());
    const [id, other] = [await longMember(stand), await longMember(stand)];
    const harm = (set: string) =>
      test.admin(async (client) => {
        const { rowCount } = await client.query(
          `UPDATE es_snapshot s SET ${set} WHERE tenant_id = $1 AND stream_id = $2`,
          [tenant, `member-${id}`],
        );
        expect(rowCount).toBe(1);
      });
    const { rows } = await test.admin((client) =>
      client.query<{ state: string }>('SELECT state FROM es_snapshot WHERE stream_id = $1', [
        `member-${id}`,
      ]),
    );
    for (const set of [
      'version = version - 1',
      `state = (SELECT state FROM es_snapshot WHERE stream_id = 'member-${other}')`,
      `state = overlay(state PLACING 'AAAA' FROM 50)`,
      `state = ''`,
    ]) {
      await harm(set);
      loaded = [];
      const refused = await send(stand, 'GivePoints', { by: -LONG }, id);
      expect(refused).toMatchObject({ code: 'TOO_FEW_POINTS' });
      expect(loaded).toHaveLength(2);
      expect(loaded[1]!.events).toHaveLength(LONG);
      await harm(`version = 200, state = '${rows[0]!.state}'`);
    }
    expect(await stateOf(stand, id)).toMatchObject(complete);
  });

  it('may fail to be written without failing the command', async () => {
    const stand = memoryStand();
    stand.store.saveSnapshot = () => Promise.reject(new Error('no space left'));
    const id = await longMember(stand);
    expect(await stateOf(stand, id)).toMatchObject(complete);
  });

  it('are not taken of a decision that was answered from an earlier call', async () => {
    const stand = memoryStand();
    const id = await longMember(stand);
    const saved: number[] = [];
    const { load, append, saveSnapshot } = stand.store;
    stand.store.saveSnapshot = (tenantId, stream, snapshot) => {
      saved.push(snapshot.version);
      return saveSnapshot.call(stand.store, tenantId, stream, snapshot);
    };
    const commandId = uuidv7();
    // Both calls of the command load and decide before either appends.
    let both: (() => void) | undefined;
    const loads = new Promise<void>((resolve) => (both = resolve));
    let waiting = 0;
    stand.store.append = async (request) => {
      if (++waiting === 2) both!();
      await loads;
      return append.call(stand.store, request);
    };
    stand.store.load = (tenantId, stream) => load.call(stand.store, tenantId, stream);
    const answers = await Promise.all([
      send(stand, 'GivePoints', { by: 5 }, id, commandId),
      send(stand, 'GivePoints', { by: 5 }, id, commandId),
    ]);
    expect(answers).toMatchObject([{ revision: LONG + 1 }, { revision: LONG + 1 }]);
    expect(answers[0]).toEqual(answers[1]);
    expect(saved).toEqual([LONG + 1]);
  });
});

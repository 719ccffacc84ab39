import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { SHARDS } from '#platform/event-store/port';
import { projectionStatus } from '#platform/operations/projection-status';
import { PositionWaiter } from '#platform/projections/position-waiter';
import { Rebuild } from '#platform/projections/rebuild';
import { ProjectionRunner } from '#platform/projections/runner';
import { ShardLeases } from '#platform/projections/shard-leases';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const LEASE_SECONDS = 2;

/** A worker whose leases outlive it, as those of a process that was killed. */
class Killed extends ShardLeases {
  override async release(): Promise<void> {}
}

describe('several workers', () => {
  let test: TestPlatform;
  let ctx: RequestContext;
  let workers: ProjectionRunner[];
  const problems: string[] = [];

  beforeEach(async () => {
    test = await startTestPlatform();
    ctx = { ...test.caller(), actor: { type: 'system', id: 'spec' } };
    workers = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await test.close();
    expect(problems.splice(0)).toEqual([]);
  });

  const start = (name: string, Leases: typeof ShardLeases = ShardLeases) => {
    const { database, store, codec, registry, wakeUp } = test.platform;
    const worker = new ProjectionRunner({
      database,
      store,
      codec,
      models: [...registry.readModels.values()],
      leases: new Leases(database, name, LEASE_SECONDS),
      wakeUp,
      log: ({ message, error }) => problems.push(`${message} ${String(error ?? '')}`),
    });
    workers.push(worker);
    worker.start();
    return worker;
  };
  const query = async (text: string) =>
    (await test.test.admin((client) => client.query(text))).rows as Record<string, unknown>[];
  /** Shards by worker. */
  const held = async () => {
    const rows = await query(
      `SELECT holder, count(*)::int * 4 AS shards FROM es_lease
        WHERE name LIKE 'projections/%' AND expires_at > clock_timestamp() GROUP BY holder`,
    );
    return Object.fromEntries(rows.map((row) => [row['holder'], row['shards']]));
  };
  const until = async (wanted: Record<string, number>, seconds = 15) => {
    const started = Date.now();
    for (;;) {
      const now = await held();
      if (Object.keys(wanted).every((name) => now[name] === wanted[name])) break;
      if (Date.now() - started > seconds * 1000) throw new Error(JSON.stringify(now));
      await sleep(50);
    }
    return (Date.now() - started) / 1000;
  };
  const create = async (name: string) =>
    (await test.platform.dispatch('CreateCompany', { name }, ctx)) as Accepted;
  const applied = async (positions: readonly string[], milliseconds = 15_000) => {
    const waiter = new PositionWaiter(test.platform.database);
    const all = await Promise.all(
      positions.map((position) => waiter.wait('companies', position, milliseconds)),
    );
    return all.every(Boolean);
  };
  const verify = async () => {
    const { database, store, codec, registry } = test.platform;
    const definition = (type: string) => codec.definition(type);
    const parts = { url: test.test.url, database, store, codec, definition };
    return new Rebuild(parts, registry.readModel('companies')).verify();
  };

  it('share the shards, and each event is applied once while they change hands', async () => {
    start('first');
    await until({ first: SHARDS });
    const positions: string[] = [];
    let writing = true;
    const writer = (async () => {
      while (writing) {
        const { id, position } = await create(`Company ${positions.length}`);
        const changed = await test.platform.dispatch('ChangeCompany', { industry: 'Tea' }, ctx, {
          id,
        });
        positions.push(position, (changed as Accepted).position);
      }
    })();
    start('second');
    await until({ first: SHARDS / 2, second: SHARDS / 2 });
    const third = start('third');
    await until({ third: 16 });
    await third.close();
    await until({ first: SHARDS / 2, second: SHARDS / 2 });
    await sleep(500);
    writing = false;
    await writer;
    expect(await applied(positions)).toBe(true);
    const { rows, differences } = await verify();
    expect([rows, differences]).toEqual([positions.length / 2, []]);
    const status = await projectionStatus(test.platform.database);
    expect(status.every(({ lagEvents }) => lagEvents === 0)).toBe(true);
  }, 120_000);

  it('note what all read models have seen of a shard, for as long as those are the same', async () => {
    start('first');
    await until({ first: SHARDS });
    const { position } = await create('Boats');
    expect(await applied([position])).toBe(true);
    // No contact was written, so their own checkpoint is not moved for that.
    const waiter = new PositionWaiter(test.platform.database);
    expect(await waiter.wait('contacts', position, 0)).toBe(true);
    const [first] = workers.splice(0);
    await first!.close();
    await query(`UPDATE es_checkpoint SET (epoch, xid, pos) = (0, '0', 0)
      WHERE processor = 'contacts'`);
    expect(await waiter.wait('contacts', position, 0)).toBe(true);
    // As when another read model was swapped in, which may have seen less.
    await query(
      `UPDATE rm_declaration SET declared_at = clock_timestamp() WHERE name = 'contacts'`,
    );
    expect(await waiter.wait('contacts', position, 0)).toBe(false);
    expect(await waiter.wait('companies', position, 0)).toBe(true);
    start('second');
    await until({ second: SHARDS });
    expect(await waiter.wait('contacts', position, 15_000)).toBe(true);
  }, 60_000);

  it('take over what a killed one held once its leases have run out, and never before', async () => {
    const killed = start('killed', Killed);
    await until({ killed: SHARDS });
    start('survivor');
    await until({ survivor: SHARDS / 2 });
    await killed.close();
    const positions = (await Promise.all(Array.from({ length: 40 }, (_, n) => create(`${n}`)))).map(
      ({ position }) => position,
    );
    // What the survivor holds is not held up.
    const owned = await query(
      `SELECT substring(name FROM 13)::int AS range FROM es_lease
        WHERE name LIKE 'projections/%' AND holder = 'survivor'`,
    );
    const ranges = new Set(owned.map((row) => row['range']));
    const shardOf = (position: string) => Number(position.split('.')[3]);
    const own = positions.filter((position) => ranges.has(Math.floor(shardOf(position) / 4)));
    expect(own.length).toBeGreaterThan(0);
    expect(await applied(own, 5000)).toBe(true);
    const seconds = await until({ survivor: SHARDS });
    expect(seconds).toBeLessThan(LEASE_SECONDS * 1.5 + 3);
    expect(await applied(positions)).toBe(true);
    expect((await verify()).differences).toEqual([]);
  }, 120_000);

  it('R6 take over from one that froze in the middle of a batch, and what it held is let go', async () => {
    start('awake');
    await until({ awake: SHARDS });
    const pool = test.platform.database.pool('projector');
    const frozen = await pool.connect();
    try {
      // As a worker that is stopped while it claims shards, with checkpoints it has just moved.
      await frozen.query('BEGIN; SELECT pg_advisory_xact_lock(733105, 0)');
      await frozen.query('SELECT FROM es_checkpoint FOR UPDATE');
      const { position } = await create('Aviato');
      start('later');
      await until({ awake: SHARDS / 2, later: SHARDS / 2 }, 60);
      expect(await applied([position])).toBe(true);
      await expect(frozen.query('COMMIT')).rejects.toThrow();
    } finally {
      frozen.release(true);
    }
  }, 120_000);

  it('wait for the shard a position names, and store idle places once a second', async () => {
    start('one');
    await until({ one: SHARDS });
    const { position } = await create('Aviato');
    expect(await applied([position])).toBe(true);
    const behind = () =>
      query(
        `SELECT 1 FROM es_checkpoint WHERE shard >= 0 AND (epoch, xid, pos) <
           (SELECT epoch, xid, pos FROM es_event ORDER BY epoch DESC, xid DESC, pos DESC LIMIT 1)`,
      );
    for (let waited = 0; waited < 40 && (await behind()).length > 0; waited++) await sleep(100);
    expect(await behind()).toEqual([]);
    // Once idle places are stored, the same place of any other shard is reached as well.
    const [epoch, xid, pos, shard] = position.split('.');
    const other = `${epoch}.${xid}.${pos}.${(Number(shard) + 1) % SHARDS}`;
    expect(await applied([other], 100)).toBe(true);
  }, 60_000);
});

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import type { Failpoint } from '#platform/failpoints';
import type { EventStore } from '#platform/event-store/port';
import { Rebuild } from '#platform/projections/rebuild';
import { ShardLeases } from '#platform/projections/shard-leases';
import { ProjectionRunner } from '#platform/projections/runner';
import { systemContext } from '#platform/platform';
import { examine } from '#test/support/doctor';
import { random } from '#test/support/random';
import type { Started } from './processes.js';
import { appendForeign, openWorld, type FaultWorld } from './world.js';

const SEED = 20_261_121;
/** All ranges of shards that workers share. */
const RANGES = 16;

describe(`projectors that fail (seed ${SEED})`, () => {
  let world: FaultWorld;
  let ctx: RequestContext;
  beforeEach(async () => {
    world = await openWorld();
    ctx = systemContext(world.tenantId, 'faults');
  });
  afterEach(async () => {
    await world.close();
  });

  const sql = async <Row extends object>(text: string, ...values: unknown[]) =>
    (await world.test.admin((client) => client.query<Row>(text, values))).rows;
  const write = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const done = (await world.platform.dispatch('CreateCompany', { name: `Company ${n}` }, ctx, {
        id: uuidv7(),
      })) as Accepted;
      await world.platform.dispatch('ChangeCompany', { industry: 'Tea' }, ctx, { id: done.id });
    }
  };
  const worker = () => world.start('worker');
  /** Waits until a process holds so many of the ranges of shards. */
  const holds = async ({ child }: Started, ranges: number) => {
    for (let waited = 0; waited < 300; waited++) {
      const [row] = await sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM es_lease
          WHERE name LIKE 'projections/%' AND expires_at > now() AND holder LIKE $1`,
        `%:${child.pid}:%`,
      );
      if (row!.n === ranges) return;
      await pause(100);
    }
    throw new Error(`process ${child.pid} does not hold ${ranges} ranges`);
  };

  it('R6 two projectors, one stopped past its lease: the other takes over, the stale one writes nothing', async () => {
    const [sleeper, other] = [await worker(), await worker()];
    await holds(sleeper, RANGES / 2);
    await holds(other, RANGES / 2);
    await write(20);
    await world.caughtUp();
    // Stopped in the middle of work, so that it wakes up with a batch in its hands.
    const writing = write(40);
    await pause(100);
    sleeper.kill('SIGSTOP');
    await holds(other, RANGES);
    await writing;
    await world.caughtUp();
    sleeper.kill('SIGCONT');
    await write(20);
    await holds(sleeper, RANGES / 2);
    await world.caughtUp();
    // Nothing was applied under a fence that had been given to somebody else.
    const back = await sql(
      `SELECT 1 FROM (SELECT fence, lag(fence) OVER (PARTITION BY processor, shard ORDER BY n) AS before
          FROM trace_checkpoint) t WHERE fence < before`,
    );
    expect(back).toEqual([]);
    for (const one of [sleeper, other]) await one.stop();
    expect(await world.ailments(false)).toEqual([]);
  }, 240_000);

  it('R7 every batch twice, its streams shuffled: each row is the fold of its events', async () => {
    const { platform } = world;
    const next = random(SEED);
    // The order within a stream is kept, as the feed keeps it.
    const shuffled: Pick<EventStore, 'readFeed'> = {
      readFeed: async (options) => {
        const page = await platform.store.readFeed({ ...options, limit: 20 });
        const last = page.events.at(-1);
        const streams = [...Map.groupBy(page.events, ({ streamId }) => streamId).values()];
        const order = streams.map((events) => ({ events, by: next() }));
        const events = order.sort((a, b) => a.by - b.by).flatMap((one) => one.events);
        return { ...page, events: last ? [...events.filter((one) => one !== last), last] : events };
      },
    };
    const store = Object.create(platform.store, {
      readFeed: { value: shuffled.readFeed },
    }) as EventStore;
    const runner = new ProjectionRunner({
      database: platform.database,
      store,
      codec: platform.codec,
      models: [...platform.registry.readModels.values()],
      leases: new ShardLeases(platform.database, 'twice'),
      wakeUp: platform.wakeUp,
    });
    await sql('DROP TRIGGER trace ON es_checkpoint');
    for (let round = 0; round < 4; round++) {
      await sql('CREATE TABLE place AS SELECT * FROM es_checkpoint');
      await write(15);
      await runner.catchUp();
      // As if the checkpoints of the last batches had been lost, and their rows had not.
      await sql(`UPDATE es_checkpoint c SET epoch = p.epoch, xid = p.xid, pos = p.pos FROM place p
        WHERE (p.processor, p.shard) = (c.processor, c.shard) AND c.shard >= 0`);
      await sql('DROP TABLE place');
      await runner.catchUp();
    }
    await runner.close();
    const only = ['folds', 'applied', 'steps', 'versions', 'cursors'];
    const found = await examine(world.test, { only });
    expect(found.map(({ name, status, example }) => [name, status, example])).toEqual(
      found.map(({ name }) => [name, 'holds', undefined]),
    );
  }, 120_000);

  it('R8 poison: one stream is parked, the others go on; a rebuild stops and says where and why', async () => {
    const { platform } = world;
    platform.projections.start();
    await write(3);
    const id = uuidv7();
    const streamId = `company-${id}`;
    await platform.dispatch('CreateCompany', { name: 'Poisoned' }, ctx, { id });
    await world.caughtUp();
    // What no release knows, in a stream that goes on afterwards.
    await appendForeign(world, id, ['CompanyBewitched', 'CompanyChanged']);
    await write(3);
    for (let waited = 0; waited < 200; waited++) {
      const [row] = await sql<{ n: number }>('SELECT count(*)::int AS n FROM es_dead_letter');
      if (row!.n >= 2) break;
      await pause(50);
    }
    await world.caughtUp();
    const letters = await sql<{ stream_id: string; version: string }>(
      'SELECT stream_id, version FROM es_dead_letter ORDER BY version',
    );
    expect(letters).toEqual([
      { stream_id: streamId, version: '2' },
      { stream_id: streamId, version: '3' },
    ]);
    const [rows] = await sql<{ n: number }>('SELECT count(*)::int AS n FROM rm_companies');
    expect(rows!.n).toBe(7);
    const only = ['parking', 'applied', 'moves', 'together'];
    const found = await examine(world.test, { only });
    expect(found.map(({ name, status, example }) => [name, status, example])).toEqual(
      found.map(({ name }) => [name, 'holds', undefined]),
    );
    const { database, store, codec } = platform;
    const model = platform.registry.readModel('companies');
    const definition = (type: string) => codec.definition(type);
    const parts = { url: world.test.url, database, store, codec, definition };
    const rebuild = new Rebuild(parts, model);
    await expect(rebuild.swap()).rejects.toThrow(/CompanyBewitched/);
    await expect(rebuild.swap()).rejects.toThrow(new RegExp(`${streamId}|\\d+\\.\\d+\\.\\d+`));
  }, 90_000);

  it('R9 a rebuild killed in the middle, before and after its swap, while others write: served rows stay right', async () => {
    const first = await worker();
    await write(30);
    await world.caughtUp();
    let done = false;
    const writing = (async () => {
      while (!done) {
        await write(2);
        // Enough to write all the time; without a pause it would only keep the rebuilds waiting.
        await pause(50);
      }
    })();
    const failpoints = [
      'rebuild_after_batch',
      'rebuild_before_swap',
      'rebuild_after_swap',
    ] as const satisfies readonly Failpoint[];
    for (const failpoint of failpoints) {
      const args = ['projections', 'rebuild', 'companies', '--yes'];
      const cli = await world.start('cli', { failpoint, args });
      const { signal } = await cli.exited;
      expect([failpoint, signal, cli.said.at(-1)]).toEqual([failpoint, 'SIGKILL', cli.said.at(-1)]);
    }
    const args = ['projections', 'rebuild', 'companies', '--yes'];
    const again = await world.start('cli', { args });
    expect([(await again.exited).code, again.said.at(-1)]).toEqual([0, again.said.at(-1)]);
    done = true;
    await writing;
    await world.caughtUp();
    await first.stop();
    expect(await world.ailments(false)).toEqual([]);
  }, 150_000);
});

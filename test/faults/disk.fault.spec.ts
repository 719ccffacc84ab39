import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startOnSmallDisk, withoutSmallDisk } from './small-disk.js';
import { openWorld } from './world.js';
import { startLoad } from './writers.js';

const MEGABYTES = 320;
const RECOVERED_MS = 60_000;

if (withoutSmallDisk) it.skip(`R14 ${withoutSmallDisk}`, () => undefined);

(withoutSmallDisk ? describe.skip : describe)('a disk that is full', () => {
  const ending: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });

  it('R14 503 while there is no room, also for the server itself; nothing is lost; goes on once there is', async () => {
    const disk = await startOnSmallDisk(MEGABYTES);
    ending.push(() => disk.stop());
    const world = await openWorld({ server: disk.url });
    ending.push(() => world.close());
    const server = await world.start('server');
    const writer = await world.writer(server.url);
    const { history } = world;
    const load = startLoad({ url: () => server.url, writer, writers: 20, history, pauseMs: 20 });
    ending.push(() => load.stop());
    while (load.counts.ok < 200) await pause(20);

    expect(await disk.fill()).toBeLessThan(100_000);
    for (let waited = 0; !load.statuses.has(503); waited++) {
      if (waited > 3_000) throw new Error(`no 503: ${JSON.stringify([...load.statuses])}`);
      await pause(20);
    }
    // Then the last of the room that the log of PostgreSQL has put aside: the server itself ends.
    const client = new pg.Client({ connectionString: world.test.url });
    client.on('error', () => undefined);
    await client.connect();
    const message = `SELECT pg_logical_emit_message(false, 'full', repeat('x', 1000000), true)`;
    const endless = async () => {
      for (let n = 0; n < 500; n++) await client.query(message);
    };
    await expect(endless()).rejects.toThrow();
    await client.end().catch(() => undefined);
    await pause(3_000);
    await disk.free();
    const [back, before] = [Date.now(), load.counts.ok];
    while (load.counts.ok < before + 50) {
      if (Date.now() - back > RECOVERED_MS) {
        throw new Error(`not recovered in 60 s: ${server.said.slice(-5).join(' | ')}`);
      }
      await pause(20);
    }
    await load.stop();
    expect(load.odd).toEqual([]);
    await world.caughtUp(60);
    expect(await server.stop()).toBe(0);
    expect(await world.ailments()).toEqual([]);
  }, 240_000);
});

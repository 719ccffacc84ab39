import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { environment } from '#platform/config/environment';
import { openWorld, type FaultWorld } from './world.js';
import { socketStorm } from './socket-storm.js';

/** 1,000 is what is promised; a small machine may try fewer. */
const sockets = Number(environment['CLIENTFORGE_SOCKETS'] ?? 1_000);

describe('sockets over two processes', () => {
  let world: FaultWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  it('every client has every change once and in order, though a process is killed', async () => {
    const storm = await socketStorm(world, { sockets, changesPerSecond: 100, seconds: 8 });
    expect(storm.problems).toEqual([]);
    // Those of the process that was killed, and of nobody else, had to come back.
    expect(storm).toMatchObject({
      ...{ clients: sockets, resumed: sockets / 2, changes: 800, complete: sockets },
    });
  }, 300_000);
});

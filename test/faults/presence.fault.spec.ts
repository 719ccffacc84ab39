import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { systemContext } from '#platform/platform';
import { GONE_SECONDS } from '#platform/sockets/presence';
import { liveSocket, until } from '#test/support/live-socket';
import { tokensFor } from './socket-storm.js';
import { openWorld, type FaultWorld } from './world.js';

/** Beside the lease: a beat until it is noticed, and a moment until it is told. */
const NOTICED_MS = (GONE_SECONDS + 10) * 1_000;

describe('who looks at a record, over two processes', () => {
  let world: FaultWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  it('people of the other process come and go, also with a process that is killed', async () => {
    const { platform, tenantId } = world;
    const id = uuidv7();
    const ctx = systemContext(tenantId, 'spec');
    const made = await platform.dispatch('CreateCompany', { name: 'Looked at' }, ctx, { id });
    if (isRefusal(made)) throw new Error(made.message);
    const [one, two] = [await world.start('server'), await world.start('server')];
    // Two people, who may have ten sockets each.
    const [first, second] = await tokensFor(world, 20);
    await world.caughtUp();
    const at = { type: 'company', id };
    const here = await liveSocket(one.url, first);
    const there = await liveSocket(two.url, second);
    const seen = () => here.presence.at(-1)?.people.map(({ name, edits }) => [name, edits]);
    const alone = [['Person 0', false]];

    expect(await here.look(at)).toEqual({ ok: true });
    expect(await there.look(at)).toEqual({ ok: true });
    await until('the other appears', () => seen()?.length === 2);
    expect(seen()).toEqual([...alone, ['Person 1', false]]);
    expect(await there.look({ ...at, edits: true })).toEqual({ ok: true });
    await until('the other edits', () => seen()?.[1]?.[1] === true);
    await there.look();
    await until('the other goes', () => seen()?.length === 1);
    await there.look(at);
    await until('the other is back', () => seen()?.length === 2);

    two.kill();
    const killed = Date.now();
    await until('the killed one is gone', () => seen()?.length === 1, NOTICED_MS);
    expect(seen()).toEqual(alone);
    expect(Date.now() - killed).toBeLessThan(NOTICED_MS);

    const again = await liveSocket(one.url, second);
    expect(await again.look(at)).toEqual({ ok: true });
    await until('they come back over the other process', () => seen()?.length === 2);
    here.close();
    again.close();
  }, 120_000);
});

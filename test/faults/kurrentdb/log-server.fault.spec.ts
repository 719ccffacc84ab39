import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { uuidv7 } from '#kernel/ids';
import { systemContext } from '#platform/platform';
import { givenLog } from '#test/support/given-log';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js';
import { openWorld, type FaultWorld } from '../world.js';
import { startLoad } from '../writers.js';
import { startFakeKurrentDb } from './fake-kurrentdb.js';

const RECONNECTED_MS = 30_000;
/** Longer than a call to the log is tried again, so that callers are told. */
const ANSWER_MS = 30_000;

/** Only a server at one address without TLS can be reached through something else. */
const isPlain =
  givenLog === undefined || /^(kurrentdb|esdb):\/\/[^,]+\?(.*&)?tls=false\b/.test(givenLog);
const row = isPlain ? it : it.skip;
const on = givenLog ? 'KurrentDB' : 'fake KurrentDB';
const name = isPlain ? on : 'skipped: KURRENTDB_URL of one address with tls=false';

describe(`a log whose server fails (${name})`, () => {
  const ending: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });

  async function behindProxy(): Promise<{ world: FaultWorld; proxy: TcpProxy }> {
    let url = givenLog;
    if (url === undefined) {
      const fake = await startFakeKurrentDb({ version: '26.1.0' });
      ending.push(() => fake.stop());
      ({ url } = fake);
    }
    const at = new URL(url);
    const proxy = await startTcpProxy({ host: at.hostname, port: Number(at.port || 2113) });
    ending.push(() => proxy.close());
    at.hostname = '127.0.0.1';
    at.port = String(proxy.port);
    const world = await openWorld({ log: at.toString() });
    ending.push(() => world.close());
    return { world, proxy };
  }

  row(
    'R3 the log away under load: 503, lists are served, reconnected in 30 s, nothing lost',
    async () => {
      const { world, proxy } = await behindProxy();
      const server = await world.start('server');
      const writer = await world.writer(server.url);
      const load = startLoad({
        ...{ url: () => server.url, writer, writers: 20, history: world.history },
        ...{ pauseMs: 20, timeoutMs: ANSWER_MS },
      });
      ending.push(() => load.stop());
      while (load.counts.ok < 200) await pause(20);

      proxy.cut();
      for (let waited = 0; !load.statuses.has(503); waited++) {
        if (waited > 1_500) throw new Error(`no 503: ${JSON.stringify([...load.statuses])}`);
        await pause(20);
      }
      const list = await fetch(`${server.url}/api/v1/companies?limit=1`, {
        headers: { authorization: `Bearer ${writer.token}` },
      });
      expect(list.status).toBe(200);
      proxy.suffer();
      const [back, before] = [Date.now(), load.counts.ok];
      while (load.counts.ok < before + 50) {
        if (Date.now() - back > RECONNECTED_MS) throw new Error('not reconnected in 30 s');
        await pause(20);
      }
      await load.stop();
      expect(load.odd).toEqual([]);
      await world.caughtUp();
      expect(await server.stop()).toBe(0);
      expect(await world.ailments()).toEqual([]);
    },
    180_000,
  );

  row(
    'R4 the answer to an append lost on the way: stored once, and the caller is told',
    async () => {
      const { world, proxy } = await behindProxy();
      const ctx = systemContext(world.tenantId, 'faults');
      const options = { id: uuidv7(), commandId: uuidv7() };
      const input = { name: `Cut off ${options.id}` };
      const create = () => world.platform.dispatch('CreateCompany', input, ctx, options);
      const lost = proxy.loseAnswerTo('CompanyCreated');
      const done = await create();
      await lost;
      expect(done).toMatchObject({ id: options.id, revision: 1 });
      expect(await create()).toEqual(done);
      const stored = await world.platform.store.readStream(world.tenantId, `company-${options.id}`);
      expect(stored.map(({ type }) => type)).toEqual(['CompanyCreated']);
      await world.platform.store.settled();
      expect(await world.ailments(false)).toEqual([]);
    },
    90_000,
  );
});

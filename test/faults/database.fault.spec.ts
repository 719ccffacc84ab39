import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { systemContext } from '#platform/platform';
import { runningPostmaster } from '#platform/postgres/embedded-cluster';
import { startEmbeddedPostgres } from '#platform/postgres/embedded';
import { serverUrl } from '#test/support/database';
import { givenLog } from '#test/support/given-log';
import { startTcpProxy } from './tcp-proxy.js';
import { openWorld, type FaultWorld, type WorldOptions } from './world.js';
import { startLoad } from './writers.js';

const RECONNECTED_MS = 30_000;

describe('a database that fails', () => {
  const ending: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });
  const world = async (options?: WorldOptions): Promise<FaultWorld> => {
    const opened = await openWorld(options);
    ending.push(() => opened.close());
    return opened;
  };
  const countOf = async ({ test }: FaultWorld, what: string) => {
    const { rows } = await test.admin((client) =>
      client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${what}`),
    );
    return rows[0]!.n;
  };

  it('R3 PostgreSQL stopped at once and started under load: 503, reconnected in 30 s, nothing lost', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'clientforge-embedded-'));
    chmodSync(dataDir, 0o755);
    ending.push(() => rmSync(dataDir, { recursive: true, force: true }));
    // Flushed as in production: what is acknowledged has to be on the disk.
    const starts = [await startEmbeddedPostgres({ dataDir })];
    ending.push(() => Promise.all(starts.map((one) => one.stop())));
    const one = await world({ server: starts[0]!.url });
    const server = await one.start('server');
    const writer = await one.writer(server.url);
    const { history } = one;
    const load = startLoad({ url: () => server.url, writer, writers: 20, history, pauseMs: 20 });
    ending.push(() => load.stop());
    while (load.counts.ok < 200) await pause(20);

    const { pid } = runningPostmaster(join(dataDir, 'postgres'))!;
    process.kill(pid, 'SIGQUIT');
    for (let waited = 0; !load.statuses.has(503); waited++) {
      if (waited > 1_000) {
        const { statuses, counts } = load;
        throw new Error(
          `no 503: ${JSON.stringify([[...statuses], counts, server.said.slice(-30)])}`,
        );
      }
      await pause(20);
    }
    await pause(1_000);
    // Whoever started it starts it again; here somebody else may be quicker.
    starts.push(await startEmbeddedPostgres({ dataDir }));
    const [back, before] = [Date.now(), load.counts.ok];
    while (load.counts.ok < before + 50) {
      if (Date.now() - back > RECONNECTED_MS) throw new Error('not reconnected in 30 s');
      await pause(20);
    }
    await load.stop();
    expect(load.odd).toEqual([]);
    await one.caughtUp();
    expect(await server.stop()).toBe(0);
    expect(await one.ailments()).toEqual([]);
  }, 180_000);

  it('R4 20 writers who expect the same revision of one stream: one wins', async () => {
    const one = await world();
    const ctx = systemContext(one.tenantId, 'faults');
    const id = uuidv7();
    await one.platform.dispatch('CreateCompany', { name: 'Hooli' }, ctx, { id });
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        one.platform.dispatch('ChangeCompany', { industry: `Branch ${n}` }, ctx, {
          id,
          expectedRevision: 1,
        }),
      ),
    );
    const refused = results.filter(isRefusal);
    expect(refused).toHaveLength(19);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['REVISION_MISMATCH']));
    await one.platform.store.settled();
    expect(await countOf(one, `es_event WHERE stream_id = 'company-${id}'`)).toBe(2);
  }, 60_000);

  it('R4 an answer cut off after the commit: the same id again gets the first result', async () => {
    const target = new URL(serverUrl());
    const proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port) });
    ending.push(() => proxy.close());
    const one = await world({
      through: (url) => {
        const through = new URL(url);
        through.port = String(proxy.port);
        return through.toString();
      },
    });
    const ctx = systemContext(one.tenantId, 'faults');
    const options = { id: uuidv7(), commandId: uuidv7() };
    const input = { name: `Cut off ${options.id}` };
    const create = () => one.platform.dispatch('CreateCompany', input, ctx, options);
    const lost = proxy.loseAnswerTo('CompanyCreated');
    await expect(create()).rejects.toThrow();
    await lost;
    const stored = `es_event WHERE command_id = '${options.commandId}' AND stream_id LIKE 'company-%'`;
    // With the log elsewhere, what was lost is the answer to the claim before it.
    expect(await countOf(one, stored)).toBe(givenLog ? 0 : 1);
    const again = await create();
    expect(again).toMatchObject({ id: options.id, revision: 1 });
    expect(await create()).toEqual(again);
    await one.platform.store.settled();
    expect(await countOf(one, stored)).toBe(1);

    // Slow, sliced and reset connections on the way change nothing either.
    for (const trouble of [{ latency: 20 }, { slice: 7 }, { latency: 5, slice: 100 }]) {
      proxy.suffer(trouble);
      const id = uuidv7();
      const done = await one.platform.dispatch('CreateCompany', { name: 'Slow' }, ctx, { id });
      expect(done).toMatchObject({ id, revision: 1 });
    }
    proxy.suffer();
    proxy.reset();
    await pause(100);
    const after = await one.platform.dispatch('CreateCompany', { name: 'After' }, ctx);
    expect(isRefusal(after)).toBe(false);
    expect(await one.ailments(false)).toEqual([]);
  }, 90_000);

  it.each(['COMMIT', 'ROLLBACK'])(
    'R5 the feed waits behind an open transaction, and passes it after %s',
    async (end) => {
      const one = await world();
      one.platform.projections.start();
      const ctx = systemContext(one.tenantId, 'faults');
      const writer = new pg.Client({ connectionString: one.test.url });
      await writer.connect();
      ending.push(() => writer.end());
      await writer.query('BEGIN');
      await writer.query('SELECT pg_current_xact_id()');
      const rows = () => countOf(one, `rm_companies`);
      for (let n = 0; n < 5; n++) {
        await one.platform.dispatch('CreateCompany', { name: `Later ${n}` }, ctx);
      }
      await pause(700);
      expect(await rows()).toBe(0);
      await writer.query(end);
      for (let waited = 0; (await rows()) < 5 && waited < 200; waited++) await pause(50);
      expect(await rows()).toBe(5);
      expect(await one.ailments(false)).toEqual([]);
    },
    60_000,
  );
});

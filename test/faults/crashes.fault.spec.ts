import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ImportFiles } from '#apps/composition/import/import-files';
import { Imports } from '#apps/composition/import/imports';
import { uuidv7 } from '#kernel/ids';
import type { Failpoint } from '#platform/failpoints';
import type { Job } from '#platform/jobs/job';
import { deadLetters } from '#platform/operations/dead-letters';
import { discardDeadLetter } from '#platform/operations/parked-streams';
import { systemContext } from '#platform/platform';
import { killAtEach, ofWorkers, stirredWorld, whileStirring } from './two-workers.js';
import { appendForeign, openWorld, type FaultWorld } from './world.js';
import { startLoad, type Load, type LoadOptions } from './writers.js';

/** A deadline, not a measure: machines that run this may be busy. */
const READY_MS = 45_000;

describe('processes that are killed', () => {
  let world: FaultWorld;
  const loads: Load[] = [];
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    await Promise.all(loads.splice(0).map((load) => load.stop()));
    await world.close();
  });

  const start: FaultWorld['start'] = (kind, more) => world.start(kind, more);
  const within = async <Value>(ms: number, what: string, work: Promise<Value>): Promise<Value> => {
    const late = new AbortController();
    const deadline = pause(ms, undefined, { signal: late.signal }).then(() => {
      throw new Error(`${what} took longer than ${ms} ms`);
    });
    deadline.catch(() => undefined);
    return Promise.race([work, deadline]).finally(() => late.abort());
  };

  const write = (options: Omit<LoadOptions, 'history'>) => {
    const load = startLoad({ ...options, history: world.history });
    loads.push(load);
    return load;
  };

  /** With the log on a server of its own, its copy is then kept by the processes that are killed. */
  const leaveCopying = async () => world.platform.logCopy?.close();

  it('R1 two workers, one of them killed at every failpoint in turn', async () => {
    const follow = await stirredWorld(world);
    const names = new Set<Failpoint>(ofWorkers);
    const crashes = { world, waiting: [names, names], withinMs: 150_000 } as const;
    const reached = await whileStirring(follow, () => killAtEach(crashes));
    expect(reached).toEqual([...ofWorkers].sort());
    const healthy = await start('worker');
    await world.caughtUp(60);
    await pause(1_500);
    await healthy.stop();
    expect(await world.ailments(false)).toEqual([]);
  }, 400_000);

  it('R1 a server killed around the append: what was acknowledged is stored, once', async () => {
    await leaveCopying();
    let server = await start('server');
    const writer = await world.writer(server.url);
    await server.stop();
    const names = ['before_append', 'after_append_before_ack', 'before_answer'] as const;
    for (const name of names) {
      server = await start('server', { failpoint: `${name}:20` });
      const { url } = server;
      const load = write({ url: () => url, writer, writers: 10 });
      const how = await within(30_000, `reaching ${name}`, server.exited);
      await load.stop();
      expect([name, how.signal]).toEqual([name, 'SIGKILL']);
      expect(load.counts.info).toBeGreaterThan(0);
      expect(load.odd).toEqual([]);
    }
    const healthy = await start('server');
    await world.caughtUp();
    await healthy.stop();
    expect(await world.ailments()).toEqual([]);
  }, 120_000);

  it('R2 the API killed three times under 50 writers: ready again, nothing lost', async () => {
    await leaveCopying();
    let server = await start('server');
    const writer = await world.writer(server.url);
    const load = write({ url: () => server.url, writer, writers: 50, pauseMs: 20 });
    for (let kill = 0; kill < 3; kill++) {
      const before = load.counts.ok;
      while (load.counts.ok < before + 100) await pause(20);
      server.kill();
      await server.exited;
      server = await within(READY_MS, 'starting again', start('server'));
    }
    const before = load.counts.ok;
    while (load.counts.ok < before + 100) await pause(20);
    await load.stop();
    await world.caughtUp();
    expect(load.odd).toEqual([]);
    expect(await server.stop()).toBe(0);
    expect(await world.ailments()).toEqual([]);
  }, 120_000);

  const ROWS = 2_000;

  /** The job of importing a file of companies. */
  async function beginImport(): Promise<() => Promise<Job>> {
    const { platform, tenantId, options } = world;
    const ctx = systemContext(tenantId, 'faults');
    const imports = new Imports(platform, new ImportFiles(options.dataDir, 1_000_000));
    const names = Array.from({ length: ROWS }, (_, n) => `Imported ${n}`);
    const file = Readable.from([`Name\n${names.join('\n')}\n`]);
    const uploaded = (await imports.upload(ctx, file, 'all.csv', 'companies')) as { id: string };
    const mapping = { Name: { field: 'name' } };
    const begun = (await imports.start(ctx, 'companies', uploaded.id, { mapping, key: [] })) as Job;
    return async () => (await platform.jobs.get(ctx, begun.id)) as Job;
  }

  it('R20 SIGTERM under load: every request under way is answered, no job stalls, it ends in 20 s', async () => {
    const server = await start('server');
    const { url } = server;
    const writer = await world.writer(url);
    // A stream that is set aside keeps nobody from ending or from going on.
    const poisoned = uuidv7();
    const ctx = systemContext(world.tenantId, 'faults');
    await world.platform.dispatch('CreateCompany', { name: 'Poisoned' }, ctx, { id: poisoned });
    await appendForeign(world, poisoned, ['CompanyBewitched']);
    const load = write({ url: () => url, writer, writers: 30 });
    while (load.counts.ok < 200) await pause(20);
    const job = await beginImport();
    while (!((await job()).progress.done > 0)) await pause(20);
    const asked = Date.now();
    const code = await server.stop();
    const seconds = (Date.now() - asked) / 1_000;
    await load.stop();
    expect(code).toBe(0);
    expect(seconds).toBeLessThan(20);
    expect(load.odd).toEqual([]);
    expect((await job()).status).toBe('queued');
    const healthy = await start('worker');
    // Handed over: it goes on at once, and not when a lease has ended.
    while (!(await job()).finishedAt) await pause(50);
    expect(await job()).toMatchObject({
      status: 'succeeded',
      attempts: 2,
      progress: { done: ROWS },
    });
    // Without an answer were only those who knocked when the door was closed: none of them is stored.
    const stored = await world.test.admin((client) =>
      client.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM es_event WHERE type = 'CompanyCreated'`,
      ),
    );
    expect(stored.rows[0]!.n).toBe(1 + load.counts.ok + ROWS);
    await world.caughtUp();
    const place = { tenantId: world.tenantId, streamId: `company-${poisoned}` };
    const letters = await deadLetters(world.platform.database);
    expect(letters).toMatchObject([{ name: 'companies', ...place, version: 2, events: 1 }]);
    const parked = { processor: 'companies', ...place };
    const leave = { version: 2, note: 'No release knows it.', by: 'faults' };
    const freed = await discardDeadLetter(world.platform, parked, leave);
    expect(freed).toMatchObject({ freed: true });
    await healthy.stop();
    // What an operator leaves out changes rows behind the checkpoint, and so without it.
    const others = (await world.ailments()).filter((one) => !one.startsWith('I4 together'));
    expect(others).toEqual([]);
  }, 120_000);
});

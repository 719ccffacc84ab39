import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { everything, type RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { refusal } from '#kernel/refusal';
import { defineEffect, effectJobId, type EffectCall } from '#platform/effects/effect';
import { EffectsWatch } from '#platform/effects/effects-watch';
import type { Job } from '#platform/jobs/job';
import type { JobPage } from '#platform/jobs/jobs';
import { JobRunner } from '#platform/jobs/runner';
import { Rebuild } from '#platform/projections/rebuild';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

/** What the effect was called with, by the name of the company. */
const calls = new Map<string, EffectCall[]>();
let answer: (call: EffectCall, times: number) => Promise<object> = () => Promise.resolve({});

const nameOf = ({ event }: Pick<EffectCall, 'event'>) => (event.data as { name: string }).name;

const greet = defineEffect({
  name: 'greet-company',
  description: 'Greet a company',
  on: ['CompanyCreated'],
  wanted: (event) => !nameOf({ event }).startsWith('Quiet'),
  run: async (call) => {
    const name = nameOf(call);
    const all = [...(calls.get(name) ?? []), call];
    calls.set(name, all);
    return (await answer(call, all.length)) as Record<string, unknown>;
  },
});

describe('effects', () => {
  let test: TestPlatform;
  let ctx: RequestContext;
  /** The job of what happened before events were read for the first time. */
  let early: string;
  const stops: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    test = await startTestPlatform(undefined, { effects: [greet] });
    ctx = test.caller();
    // Where the effect begins is noted before anything happens, as at the start of a worker.
    await test.platform.effects.deriveIfLost({ since: new Date(0) });
    early = await created('Early');
  });
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
    answer = () => Promise.resolve({});
  });
  afterAll(() => test.close());

  const worker = () => {
    const runner = new JobRunner(test.platform, {
      atOnce: 2,
      keepDays: 30,
      contextOf: (by) => Promise.resolve({ ...by, grants: everything, requestId: uuidv7() }),
      pauseAfter: () => 0,
    });
    stops.push(() => runner.stop());
    runner.start();
  };
  const created = async (name: string) => {
    const id = uuidv7();
    await test.platform.dispatch('CreateCompany', { name }, ctx, { id });
    await test.platform.sagas.runner.catchUp();
    const [stored] = await test.platform.store.readStream(ctx.tenantId, `company-${id}`);
    return effectJobId(greet.name, stored!);
  };
  const show = async (id: string) => (await test.platform.jobs.get(ctx, id)) as Job;
  const over = async (id: string) => {
    for (;;) {
      const job = await show(id);
      if (job.finishedAt) return job;
      await sleep(20);
    }
  };
  const jobs = async () => ((await test.platform.jobs.list(ctx, { limit: 100 })) as JobPage).jobs;
  const calledFor = (name: string) => calls.get(name) ?? [];

  it('begin where it was noted, not where their events are first read', async () => {
    expect(await show(early)).toMatchObject({ status: 'queued' });
  });

  it('happen once after their event, with a key that stays', async () => {
    worker();
    const id = await created('Hooli');
    expect(await over(id)).toMatchObject({
      kind: 'effect-greet-company',
      title: 'Greet a company',
      status: 'succeeded',
      createdById: null,
    });
    const [call, ...more] = calledFor('Hooli');
    expect(more).toEqual([]);
    expect(call).toMatchObject({ key: id, event: { type: 'CompanyCreated', version: 1 } });
    expect(call!.ctx).toMatchObject({
      tenantId: ctx.tenantId,
      actor: { type: 'system', id: 'greet-company' },
    });
  });

  it('are left out where the event says so', async () => {
    const before = await jobs();
    await created('Quiet Company');
    expect(await jobs()).toHaveLength(before.length);
  });

  it('keep nothing of the event in their job that can be read', async () => {
    const id = await created('Sealed Company');
    const { rows } = await test.test.admin((client) =>
      client.query('SELECT * FROM job WHERE id = $1', [id]),
    );
    expect(JSON.stringify(rows)).not.toContain('Sealed Company');
  });

  it('are tried again after a surprise under the same key, and given up at a refusal', async () => {
    worker();
    answer = (_call, times) =>
      times < 3 ? Promise.reject(new Error('away')) : Promise.resolve({ sent: true });
    const id = await created('Unlucky');
    expect(await over(id)).toMatchObject({ status: 'succeeded', attempts: 3 });
    expect(calledFor('Unlucky').map(({ key }) => key)).toEqual([id, id, id]);
    answer = () => Promise.resolve(refusal('NO_ADDRESS', 'rule', 'There is nowhere to send it.'));
    const refused = await created('Refused');
    expect(await over(refused)).toMatchObject({ status: 'failed', error: { code: 'NO_ADDRESS' } });
    answer = () => Promise.resolve({});
    await test.platform.jobs.retry(ctx, refused);
    expect(await over(refused)).toMatchObject({ status: 'succeeded', attempts: 2 });
  });

  it('can be cancelled while they wait', async () => {
    const id = await created('Cancelled');
    await test.platform.jobs.cancel(ctx, id);
    worker();
    await sleep(200);
    expect(await show(id)).toMatchObject({ status: 'cancelled', attempts: 0 });
    expect(calledFor('Cancelled')).toEqual([]);
  });

  it('R9 are not fired by a rebuild, nor by reading the log again', async () => {
    const before = await jobs();
    await test.platform.projections.catchUp();
    const { database, store, codec, registry } = test.platform;
    const definition = (type: string) => codec.definition(type);
    const parts = { url: test.test.url, database, store, codec, definition };
    const rebuild = new Rebuild(parts, registry.readModel('companies'));
    expect((await rebuild.swap()).rows).toBeGreaterThan(0);
    await test.test.admin((client) =>
      client.query(
        `UPDATE es_checkpoint SET epoch = 0, xid = '0', pos = 0 WHERE processor = 'saga:greet-company'`,
      ),
    );
    await test.platform.sagas.runner.catchUp();
    expect((await jobs()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it('say nothing of imported history', async () => {
    const before = await jobs();
    const occurredAt = new Date('2020-01-01T00:00:00Z');
    const input = { name: 'Historic' };
    await test.platform.dispatch('CreateCompany', input, ctx, { id: uuidv7(), occurredAt });
    await test.platform.sagas.runner.catchUp();
    expect(await jobs()).toHaveLength(before.length);
  });

  it('R10 tables truncated: what waited is derived again, each effect once', async () => {
    const ids = [await created('Lost one'), await created('Lost two')];
    await test.test.admin((client) => client.query('TRUNCATE job'));
    const said: string[] = [];
    const watch = new EffectsWatch(test.platform.effects, {
      keepDays: 1,
      every: 50,
      log: ({ message }) => said.push(message),
    });
    stops.push(() => watch.stop());
    watch.start();
    for (const id of ids) while (!(await show(id)).status) await sleep(20);
    worker();
    for (const id of ids) expect(await over(id)).toMatchObject({ status: 'succeeded' });
    expect(calledFor('Lost one')).toHaveLength(1);
    await sleep(200);
    expect(said).toEqual([expect.stringMatching(/^the table of jobs was emptied; \d+ derived/)]);
    // Those before it was emptied are done again, under the same key, and no others.
    expect(new Set(calledFor('Hooli').map(({ key }) => key)).size).toBe(1);
    expect(calledFor('Quiet Company')).toEqual([]);
    expect(calledFor('Historic')).toEqual([]);
  });

  it('reach back no further than asked for', async () => {
    await test.test.admin((client) => client.query('TRUNCATE job'));
    const since = new Date(Date.now() + 60_000);
    expect(await test.platform.effects.derive({ since })).toEqual({ events: 0, jobs: 0 });
    const all = await test.platform.effects.derive({ since: new Date(0) });
    expect(all.jobs).toBe(all.events);
    expect(all.jobs).toBeGreaterThan(5);
    expect(await test.platform.effects.derive({ since: new Date(0) })).toEqual({
      events: all.events,
      jobs: 0,
    });
  });
});

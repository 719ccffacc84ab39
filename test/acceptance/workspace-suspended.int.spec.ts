import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { productEffects } from '#apps/composition/jobs';
import { contextOf } from '#apps/composition/standing';
import { integer, object } from '#kernel/fields';
import { definePolicy, processList } from '#kernel/saga';
import { defineJob, type Job } from '#platform/jobs/job';
import { JobRunner } from '#platform/jobs/runner';
import type { SagaBoundary } from '#platform/sagas/steps';
import { followUpWorld, type FollowUpWorld } from '#test/support/followups';
import { until } from '#test/support/live-socket';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

const WHOLE = [
  'FollowupPlanned',
  'FollowupTimerFired',
  'FollowupAssigned',
  'FollowupTimerFired',
  'FollowupReminded',
  'FollowupTimerFired',
  'FollowupEscalated',
];

/** Steps as they were taken, by job. */
const taken: number[] = [];
const slow = defineJob({
  kind: 'slow',
  title: () => 'Take steps',
  input: object({ steps: integer(1, 100) }),
  permission: 'companies:create',
  unit: 'steps',
  async run({ input: { steps }, checkpoint, save, signal }) {
    for (let step = Number(checkpoint ?? 0) + 1; step <= steps; step++) {
      await sleep(100, undefined, { signal });
      taken.push(step);
      await save(step, { done: step, total: steps });
    }
    return {};
  },
});

describe('a suspended workspace', () => {
  let test: TestPlatform;
  beforeAll(async () => {
    test = await startTestPlatform(undefined, { jobs: [slow], effects: productEffects });
    await run();
  });
  afterAll(() => test.close());

  /** Does all that sagas, timers and effects have to do now, as a process of its own. */
  async function run(options: Parameters<TestPlatform['platform']['sagas']['runnerWith']>[0] = {}) {
    await test.platform.store.settled();
    const runner = test.platform.sagas.runnerWith(options);
    await runner.catchUp().finally(() => runner.close());
  }
  const rows = async (text: string, ...values: unknown[]) =>
    (await test.test.admin((client) => client.query<Record<string, unknown>>(text, values))).rows;
  const suspend = ({ dispatch, tenantId }: FollowUpWorld) =>
    dispatch('SuspendTenant', { reason: 'Invoice overdue' }, tenantId);
  const reopen = ({ dispatch, tenantId }: FollowUpWorld) =>
    dispatch('ReactivateTenant', {}, tenantId);
  const pass = ({ dispatch, tenantId }: FollowUpWorld, days: number) =>
    dispatch('AdvanceTestClock', { to: inDays(days) }, tenantId);
  const types = async (world: FollowUpWorld, dealId: string) =>
    (await world.stream(`followup-${dealId}`)).map(({ type }) => type);
  const standstills = () => rows('SELECT DISTINCT tenant_id FROM es_standstill');
  const effects = ({ tenantId }: FollowUpWorld) =>
    rows('SELECT id FROM job WHERE tenant_id = $1', tenantId);

  it('fires no timer; what was due meanwhile is done once when it is open again', async () => {
    const [world, other] = [await followUpWorld(test), await followUpWorld(test)];
    const dealId = await world.wonDeal();
    await run();
    await suspend(world);
    await pass(world, 60);
    await run();
    expect(await types(world, dealId)).toEqual(['FollowupPlanned']);
    expect(await world.ids('task')).toEqual([]);
    expect(await standstills()).toEqual([{ tenant_id: world.tenantId }]);

    // Nobody else waits for it.
    const theirs = await other.wonDeal();
    await pass(other, 60);
    await run();
    expect(await types(other, theirs)).toEqual(WHOLE);

    await reopen(world);
    await run();
    expect(await types(world, dealId)).toEqual(WHOLE);
    expect(await world.ids('task')).toHaveLength(2);
    expect(await standstills()).toEqual([]);
  });

  it('comes back to what happened meanwhile, in order, and does each once', async () => {
    const world = await followUpWorld(test);
    await run();
    await suspend(world);
    // An answer that was under way, or an operator.
    const [won, reopened] = [await world.wonDeal(), await world.wonDeal()];
    await world.dispatch('ReopenDeal', {}, reopened);
    await run();
    expect(await world.ids('followup')).toEqual([]);
    expect(await effects(world)).toEqual([]);
    await reopen(world);
    await pass(world, 60);
    await run();
    expect(await types(world, won)).toEqual(WHOLE);
    expect((await types(world, reopened)).at(-1)).not.toBe('FollowupEscalated');
    // Effects of what the saga did follow it.
    await run();
    const jobs = await effects(world);
    // Two deals were given to somebody, and so were the tasks that follow from one of them.
    expect(jobs.length).toBeGreaterThanOrEqual(4);
    await run();
    expect(await effects(world)).toHaveLength(jobs.length);
  });

  it('R1 R8 a crash when it goes on: what could not be handled stays set aside', async () => {
    const policy = definePolicy({
      name: 'choke-on-won-deals',
      description: 'Has no rule for a deal that was won.',
      startsAt: 'present',
      on: ['DealWon'],
      react: () => {
        throw new Error('no rule for this');
      },
    });
    const processes = processList(policy);
    const world = await followUpWorld(test);
    await run({ processes });
    await suspend(world);
    await run({ processes });
    const dealId = await world.wonDeal();
    await run({ processes });
    await reopen(world);
    const at = (here: SagaBoundary) => {
      if (here === 'before_checkpoint') throw new Error('crashed');
    };
    await expect(run({ processes, at })).rejects.toThrow('crashed');
    await run({ processes });
    const parked = 'SELECT stream_id, reason FROM es_dead_letter WHERE processor = $1';
    expect(await rows(parked, 'saga:choke-on-won-deals')).toEqual([
      { stream_id: `deal-${dealId}`, reason: 'no rule for this' },
    ]);
  });

  it.each(['before_step', 'after_step_append', 'after_timers', 'before_checkpoint'] as const)(
    'R1 R16 a crash %s while it goes on: nothing is lost and nothing is done twice',
    async (boundary) => {
      const world = await followUpWorld(test);
      await suspend(world);
      await run();
      const deals = [await world.wonDeal(), await world.wonDeal(), await world.wonDeal()];
      await pass(world, 60);
      await reopen(world);
      for (let crashes = 0, more = true; more; crashes++) {
        let left = crashes + 1;
        const at = (here: SagaBoundary) => {
          if (here === boundary && --left === 0 && crashes < 4) throw new Error('crashed');
        };
        more = await run({ at }).then(
          () => false,
          () => true,
        );
      }
      for (const dealId of deals) expect(await types(world, dealId)).toEqual(WHOLE);
      expect(await world.ids('task')).toHaveLength(6);
    },
  );

  it('stands still through suspensions in a row, and for processes that are new', async () => {
    const world = await followUpWorld(test);
    await suspend(world);
    await reopen(world);
    await suspend(world);
    await run();
    const seen: string[] = [];
    const watcher = processList(
      definePolicy({
        name: 'spec-watcher',
        description: 'Sees deals that are won',
        on: ['DealWon'],
        startsAt: 'present',
        react: ({ envelope }) => {
          seen.push(envelope.id);
          return [];
        },
      }),
    );
    const watched = { processes: [...test.platform.sagas.processes, ...watcher] };
    await run(watched);
    const dealId = await world.wonDeal();
    await run(watched);
    expect(seen).toEqual([]);
    expect(await world.ids('followup')).toEqual([]);
    await reopen(world);
    await run(watched);
    expect(seen).toEqual([dealId]);
    expect(await types(world, dealId)).toEqual(['FollowupPlanned']);
    expect(await standstills()).toEqual([]);
  });

  it('hands its jobs back, and goes on with them where they were', async () => {
    const world = await followUpWorld(test);
    const { platform } = test;
    const jobs = new JobRunner(platform, {
      atOnce: 2,
      keepDays: 30,
      contextOf: (by) => contextOf(platform, by),
    });
    const begin = async () => (await platform.jobs.start('slow', { steps: 20 }, world.ctx)) as Job;
    const show = async ({ id }: Job) => (await platform.jobs.get(world.ctx, id)) as Job;
    jobs.start();
    try {
      const running = await begin();
      await until('it runs', async () => (await show(running)).progress.done > 2);
      await suspend(world);
      await run();
      await until('it is handed back', async () => (await show(running)).status === 'queued');
      const waiting = await begin();
      const before = taken.length;
      await sleep(1_500);
      expect(taken).toHaveLength(before);
      expect(await show(waiting)).toMatchObject({ status: 'queued', attempts: 0 });
      expect(await show(running)).toMatchObject({ status: 'queued', error: null });

      await reopen(world);
      await run();
      await until('both are done', async () =>
        (await Promise.all([show(running), show(waiting)])).every(
          ({ status }) => status === 'succeeded',
        ),
      );
      const twice = Array.from({ length: 20 }, (_, index) => [index + 1, index + 1]).flat();
      expect([...taken].sort((a, b) => a - b)).toEqual(twice);
    } finally {
      await jobs.stop();
    }
  });

  it('lets a job wait that is begun before its processes know', async () => {
    const world = await followUpWorld(test);
    const { platform } = test;
    await suspend(world);
    const jobs = new JobRunner(platform, {
      atOnce: 2,
      keepDays: 30,
      contextOf: (by) => contextOf(platform, by),
    });
    taken.length = 0;
    const job = (await platform.jobs.start('slow', { steps: 1 }, world.ctx)) as Job;
    const show = async () => (await platform.jobs.get(world.ctx, job.id)) as Job;
    jobs.start();
    try {
      await until('it was begun', async () => (await show()).attempts > 0);
      await run();
      expect(await show()).toMatchObject({ error: null, finishedAt: null });
      expect(taken).toEqual([]);
      await reopen(world);
      await run();
      await until('it is done', async () => (await show()).status === 'succeeded');
      expect(taken).toEqual([1]);
    } finally {
      await jobs.stop();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isRefusal } from '#kernel/refusal';
import { cliOn } from '#test/support/cli';
import { followUpWorld, type FollowUpWorld } from '#test/support/followups';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

describe('the follow-up of won deals', () => {
  let test: TestPlatform;
  const runner = () => test.platform.sagas.runner;
  beforeAll(async () => {
    test = await startTestPlatform();
    await runner().catchUp();
  });
  afterAll(() => test.close());

  const types = async (world: FollowUpWorld, dealId: string) =>
    (await world.stream(`followup-${dealId}`)).map(({ type }) => type);
  const timersOf = async ({ tenantId }: FollowUpWorld) =>
    test.test.admin(
      async (client) =>
        (await client.query('SELECT name FROM es_timer WHERE tenant_id = $1', [tenantId])).rows,
    );

  it('gives a task, reminds, tells the manager, and every entry says why', async () => {
    const world = await followUpWorld(test);
    const dealId = await world.wonDeal();
    await world.advance(inDays(60));
    const saga = await world.stream(`followup-${dealId}`);
    expect(saga.map(({ type }) => type)).toEqual([
      'FollowupPlanned',
      'FollowupTimerFired',
      'FollowupAssigned',
      'FollowupTimerFired',
      'FollowupReminded',
      'FollowupTimerFired',
      'FollowupEscalated',
    ]);
    const deal = await world.stream(`deal-${dealId}`);
    const won = deal.find(({ type }) => type === 'DealWon')!;
    const { taskId } = saga[2]!.data as { taskId: string };
    const task = await world.stream(`task-${taskId}`);
    expect(task.map(({ type }) => type)).toEqual(['TaskCreated', 'TaskChanged', 'TaskChanged']);
    expect(await world.ids('task')).toHaveLength(2);

    // From the task back to the won deal, one cause after the other.
    const byId = new Map([...deal, ...saga, ...task].map((event) => [event.eventId, event]));
    const chain: string[] = [];
    for (let at = task[0]; at; at = byId.get(at.meta.causationId ?? '')) chain.push(at.type);
    expect(chain).toEqual([
      'TaskCreated',
      'FollowupAssigned',
      'FollowupTimerFired',
      'FollowupPlanned',
      'DealWon',
    ]);
    await test.platform.projections.catchUp();
    const timeline = await test.platform.timeline.list(world.ctx, {
      recordType: 'deal',
      recordId: dealId,
      includeRelated: true,
      limit: 50,
    });
    if (isRefusal(timeline)) throw new Error(JSON.stringify(timeline));
    const entry = (type: string) => timeline.entries.find(({ eventType }) => eventType === type)!;
    expect(entry('FollowupPlanned').causationId).toBe(won.eventId);
    expect(entry('TaskCreated')).toMatchObject({
      actor: { type: 'system', id: 'deal-follow-up' },
      correlationId: won.meta.correlationId,
    });
    expect(await timersOf(world)).toEqual([]);
  });

  it('ends when the task is done in time', async () => {
    // Whatever day today is: the task is there in four days, and its reminder is weeks away.
    const world = await followUpWorld(test, { followUp: { afterDays: 0, dueDays: 20 } });
    const dealId = await world.wonDeal();
    await world.advance(inDays(4));
    const [task] = await world.ids('task');
    await world.dispatch('CompleteTask', {}, task);
    await world.advance(inDays(60));
    expect(await types(world, dealId)).toEqual([
      'FollowupPlanned',
      'FollowupTimerFired',
      'FollowupAssigned',
      'FollowupCompleted',
    ]);
    expect(await timersOf(world)).toEqual([]);
  });

  it('takes everything back when the deal is reopened, and begins anew', async () => {
    const world = await followUpWorld(test);
    const dealId = await world.wonDeal();
    await world.advance(inDays(60));
    await world.dispatch('ReopenDeal', {}, dealId);
    await runner().catchUp();
    for (const id of await world.ids('task')) {
      expect((await world.stream(`task-${id}`)).at(-1)!.type).toBe('TaskCancelled');
    }
    expect(await timersOf(world)).toEqual([]);
    await world.dispatch('WinDeal', {}, dealId);
    await world.advance(inDays(68));
    const { data } = (await world.stream(`followup-${dealId}`)).findLast(
      ({ type }) => type === 'FollowupPlanned',
    )!;
    expect(data).toMatchObject({ round: 2 });
    expect(await world.ids('task')).toHaveLength(3);
  });

  it('is nothing for imported history, other workspaces and those that did not ask', async () => {
    const [mine, other] = [await followUpWorld(test), await followUpWorld(test)];
    const off = await followUpWorld(test, { followUp: { enabled: false } });
    const { id } = await mine.dispatch('CreateDeal', {
      name: 'Past',
      pipelineId: mine.pipelineId,
    });
    await test.platform.dispatch('WinDeal', {}, mine.ctx, {
      id,
      occurredAt: new Date(Date.now() - 86_400_000),
    });
    const won = await mine.wonDeal();
    const ignored = await off.wonDeal();
    await mine.advance(inDays(60));
    expect(await mine.ids('followup')).toEqual([won]);
    expect(await other.ids('followup')).toEqual([]);
    expect(await other.ids('task')).toEqual([]);
    expect(await types(off, ignored)).toEqual([]);
    // The clock of one sandbox is nothing to another.
    const dealId = await other.wonDeal();
    await mine.advance(inDays(61));
    expect(await types(other, dealId)).toEqual(['FollowupPlanned']);
    const seen = await test.platform.database.tenant(other.tenantId, (db) =>
      db.query('SELECT DISTINCT tenant_id FROM es_timer'),
    );
    expect(seen.rows).toEqual([{ tenant_id: other.tenantId }]);
  });

  it('follows the real clock outside of a sandbox, whose clock cannot be advanced', async () => {
    const world = await followUpWorld(test, { sandbox: false });
    const dealId = await world.wonDeal();
    await expect(world.advance(inDays(60))).rejects.toThrow('NOT_A_SANDBOX');
    const later = test.platform.sagas.runnerWith({
      clock: () => new Date(inDays(10)),
      holder: 'later',
    });
    await runner().catchUp();
    await runner().close();
    await later.catchUp();
    expect(await types(world, dealId)).toContain('FollowupAssigned');
    await later.close();
  });

  it('R9 is not fired by a rebuild', async () => {
    const world = await followUpWorld(test);
    await world.wonDeal();
    const own = test.platform.sagas.runnerWith();
    await own.catchUp();
    await test.platform.projections.catchUp();
    const count = () =>
      test.test.admin(
        async (client) =>
          (
            await client.query(
              `SELECT (SELECT count(*) FROM es_event) AS events,
                  (SELECT count(*) FROM es_command) AS commands,
                  (SELECT count(*) FROM es_timer) AS timers`,
            )
          ).rows,
      );
    const before = await count();
    const cli = cliOn(test.test);
    for (const name of ['deals', 'tasks', 'followups']) {
      expect((await cli(`projections rebuild ${name}`)).code).toBe(0);
    }
    await own.catchUp();
    await own.close();
    expect(await count()).toEqual(before);
  });
});

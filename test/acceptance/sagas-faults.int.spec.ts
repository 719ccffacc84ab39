import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { definePolicy, processList } from '#kernel/saga';
import { retryParked } from '#platform/sagas/operations';
import { sagaBoundaries, type SagaBoundary } from '#platform/sagas/steps';
import { cliOn } from '#test/support/cli';
import { followUpWorld, type FollowUpWorld } from '#test/support/followups';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const HOUR = 3_600_000;
const inDays = (days: number) => new Date(Date.now() + days * 24 * HOUR).toISOString();

const WHOLE = [
  'FollowupPlanned',
  'FollowupTimerFired',
  'FollowupAssigned',
  'FollowupTimerFired',
  'FollowupReminded',
  'FollowupTimerFired',
  'FollowupEscalated',
];

describe('sagas under faults', () => {
  let test: TestPlatform;
  beforeAll(async () => {
    test = await startTestPlatform();
    await run();
  });
  afterAll(() => test.close());

  /** Does everything that is to be done, as a process of its own. */
  async function run(options: Parameters<TestPlatform['platform']['sagas']['runnerWith']>[0] = {}) {
    const runner = test.platform.sagas.runnerWith(options);
    try {
      await runner.catchUp();
    } finally {
      await runner.close();
    }
  }
  const sql = <Row>(text: string, values: unknown[] = []) =>
    test.test.admin(async (client) => (await client.query(text, values)).rows as Row[]);
  const count = async (table: string) =>
    (await sql<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`))[0]!.n;
  const types = async (world: FollowUpWorld, dealId: string) =>
    (await world.stream(`followup-${dealId}`)).map(({ type }) => type);

  /** Runs, and again after every crash, until nothing is left to do; answers the crashes. */
  async function runCrashing(boundary: SagaBoundary): Promise<number> {
    let crashes = 0;
    for (let seen = new Set<number>(); ;) {
      let passed = 0;
      const at = (here: SagaBoundary) => {
        if (here !== boundary) return;
        passed += 1;
        // Each run comes one passage further before it ends.
        if (seen.has(passed) || passed <= crashes % 3) return;
        seen = new Set([...seen, passed]);
        throw new Error('crashed');
      };
      try {
        await run({ at });
        return crashes;
      } catch (error) {
        if ((error as Error).message !== 'crashed') throw error;
        crashes += 1;
      }
    }
  }

  it.each(sagaBoundaries.filter((one) => one !== 'after_refusal_append'))(
    'R1 R16 a crash %s: each step once',
    async (boundary) => {
      const world = await followUpWorld(test);
      const dealId = await world.wonDeal();
      await world.dispatch('AdvanceTestClock', { to: inDays(60) }, world.tenantId);
      expect(await runCrashing(boundary)).toBeGreaterThan(0);
      expect(await types(world, dealId)).toEqual(WHOLE);
      const tasks = await world.ids('task');
      expect(tasks).toHaveLength(2);
      await world.dispatch('ReopenDeal', {}, dealId);
      await runCrashing(boundary);
      expect(await types(world, dealId)).toEqual([...WHOLE, 'FollowupCancelled']);
      for (const id of tasks) {
        const ends = (await world.stream(`task-${id}`)).filter((e) => e.type === 'TaskCancelled');
        expect(ends).toHaveLength(1);
      }
      expect(await sql('SELECT 1 FROM es_timer WHERE tenant_id = $1', [world.tenantId])).toEqual(
        [],
      );
    },
  );

  it('R7 the whole feed delivered again changes nothing', async () => {
    const events = await count('es_event');
    const commands = await count('es_command');
    await sql(`UPDATE es_checkpoint SET epoch = 0, xid = '0', pos = 0 WHERE shard = -10`);
    await run();
    expect(await count('es_event')).toBe(events);
    expect(await count('es_command')).toBe(commands);
    expect(await count('es_timer')).toBe(0);
  });

  it('R16 a timer that comes back fires no second time', async () => {
    const world = await followUpWorld(test);
    const dealId = await world.wonDeal();
    await run();
    const rows = await sql<object>('SELECT * FROM es_timer WHERE tenant_id = $1', [world.tenantId]);
    await world.dispatch('AdvanceTestClock', { to: inDays(60) }, world.tenantId);
    await run();
    await sql(
      `INSERT INTO es_timer SELECT * FROM json_populate_recordset(NULL::es_timer, $1::json)`,
      [JSON.stringify(rows)],
    );
    await run();
    expect(await types(world, dealId)).toEqual(WHOLE);
    expect(await count('es_timer')).toBe(0);
  });

  it('R16 two processes at once, and one that lost its lease, do each step once', async () => {
    const world = await followUpWorld(test);
    const dealId = await world.wonDeal();
    await world.dispatch('AdvanceTestClock', { to: inDays(60) }, world.tenantId);
    let stolen = false;
    const late = run({
      at: (boundary) => {
        if (boundary !== 'before_checkpoint' || stolen) return;
        stolen = true;
        throw new Error('stopped');
      },
    });
    await expect(late).rejects.toThrow('stopped');
    await sql(`UPDATE es_lease SET expires_at = clock_timestamp() WHERE name = 'sagas'`);
    const found = await Promise.allSettled([run({ holder: 'a' }), run({ holder: 'b' })]);
    expect(found.some(({ status }) => status === 'fulfilled')).toBe(true);
    await run();
    expect(await types(world, dealId)).toEqual(WHOLE);
  });

  it('R15 a clock two hours ahead, behind, or stepping back repeats and skips nothing', async () => {
    const world = await followUpWorld(test, { sandbox: false });
    const dealId = await world.wonDeal();
    await run();
    const [planned] = await world.stream(`followup-${dealId}`);
    const begin = Date.parse((planned!.data as { beginAt: string }).beginAt);
    const at = (instant: number) => run({ clock: () => new Date(instant) });
    await at(begin - 2 * HOUR - 1);
    expect(await types(world, dealId)).toEqual(['FollowupPlanned']);
    // Two hours ahead it fires early, once; the step back changes nothing.
    await at(begin - HOUR + 2 * HOUR);
    const begun = ['FollowupPlanned', 'FollowupTimerFired', 'FollowupAssigned'];
    expect(await types(world, dealId)).toEqual(begun);
    for (const skew of [-HOUR, HOUR, -2 * HOUR, 2 * HOUR, 0]) await at(begin + skew);
    expect(await types(world, dealId)).toEqual(begun);
    for (let day = 0; day < 10; day++) {
      await at(begin + day * 24 * HOUR + 2 * HOUR);
      await at(begin + day * 24 * HOUR - 2 * HOUR);
    }
    expect(await types(world, dealId)).toEqual(WHOLE);
  });

  it('R8 parks the stream of an event it cannot read; others go on; retry frees it', async () => {
    const world = await followUpWorld(test);
    const [broken, other] = [await world.wonDeal(), await world.wonDeal()];
    const won = `tenant_id = $1 AND stream_id = $2 AND type = 'DealWon'`;
    const place = [world.tenantId, `deal-${broken}`];
    await sql(`UPDATE es_event SET schema_version = 99 WHERE ${won}`, place);
    await run();
    expect(await types(world, other)).toEqual(['FollowupPlanned']);
    await sql(`UPDATE es_event SET schema_version = 1 WHERE ${won}`, place);
    await world.dispatch('ReopenDeal', {}, broken);
    await run();
    expect(await types(world, broken)).toEqual([]);
    const cli = cliOn(test.test);
    const letters = (await cli('sagas dead-letters --json')).json();
    expect(letters).toMatchObject([
      { name: 'deal-follow-up', streamId: `deal-${broken}`, type: 'DealWon', events: 2 },
    ]);
    expect((await cli('sagas list')).code).toBe(1);
    const retried = await cli(
      `sagas retry deal-follow-up --stream deal-${broken} --tenant ${world.tenantId} --json`,
    );
    expect([retried.code, retried.json().handled]).toEqual([0, 2]);
    expect(await types(world, broken)).toEqual(['FollowupPlanned', 'FollowupCancelled']);
    const again = await cli(
      `sagas retry deal-follow-up --stream deal-${broken} --tenant ${world.tenantId}`,
    );
    expect([again.code, again.error]).toEqual([1, expect.stringContaining('has not parked')]);
  });

  it('R8 rules that throw park the stream; --skip leaves the event out', async () => {
    const world = await followUpWorld(test);
    const policy = definePolicy({
      name: 'praise-won-deals',
      description: 'Gives a task for every deal that was won.',
      startsAt: 'start',
      on: ['DealWon', 'DealReopened'],
      react(trigger, { newId }) {
        if (trigger.type === 'DealReopened') throw new Error('no rule for this');
        const { dealId } = trigger.data as { dealId: string };
        const input = { title: 'Well done', relatedToType: 'deal', relatedToId: dealId };
        return [{ step: 'task', command: 'CreateTask', id: newId('task'), input }];
      },
    });
    const processes = processList(policy);
    const dealId = await world.wonDeal();
    await run({ processes });
    await sql(
      `UPDATE es_checkpoint SET epoch = 0, xid = '0', pos = 0 WHERE processor = 'saga:praise-won-deals'`,
    );
    await run({ processes });
    expect(await world.ids('task')).toHaveLength(1);
    await world.dispatch('ReopenDeal', {}, dealId);
    await run({ processes });
    const stream = { tenantId: world.tenantId, streamId: `deal-${dealId}` };
    const skip = { by: 'operator', note: 'no rule' };
    const refused = await retryParked(test.platform, processes[0]!, stream);
    expect(refused).toMatchObject({
      code: 'STILL_PARKED',
      message: expect.stringContaining('no rule'),
    });
    await world.dispatch('WinDeal', {}, dealId);
    await run({ processes });
    expect(await retryParked(test.platform, processes[0]!, stream, skip)).toBe(1);
    expect(
      await sql(`SELECT type, reason, note, discarded_by FROM es_discarded WHERE stream_id = $1`, [
        stream.streamId,
      ]),
    ).toEqual([
      {
        type: 'DealReopened',
        reason: expect.stringContaining('no rule'),
        note: 'no rule',
        discarded_by: 'operator',
      },
    ]);
    expect(await retryParked(test.platform, processes[0]!, stream)).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cliOn } from '#test/support/cli';
import { followUpWorld } from '#test/support/followups';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

describe('sagas simulate', () => {
  let test: TestPlatform;
  const run = () => test.platform.sagas.runner.catchUp();
  beforeAll(async () => {
    test = await startTestPlatform();
    await run();
  });
  afterAll(() => test.close());

  const counts = async () =>
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
  const simulate = (tenantId: string, set: string, more = '--json') =>
    cliOn(test.test)(
      `sagas simulate deal-follow-up --tenant ${tenantId} --from 2020-01-01 ` +
        `--to ${inDays(90).slice(0, 10)} --set ${set} ${more}`,
    );
  const told = ({ differences }: any) =>
    differences.map((one: any) => `${one.change} ${one.kind} ${one.name}`);

  it('plays what would have been done, to the end, and does nothing', async () => {
    const world = await followUpWorld(test, { followUp: { enabled: false } });
    await world.wonDeal();
    await run();
    const before = await counts();
    const set = 'followUp.enabled=true,workingDays=[1,2,3]';
    const found = (await simulate(world.tenantId, set)).json();
    expect(found).toMatchObject({ triggers: 1, counts: { before: { commands: 0, timers: 0 } } });
    // The task it would have given stays undone, so the owner is pressed and the manager told.
    expect(told(found)).toEqual([
      '+ timer begin',
      '+ command CreateTask',
      '+ timer remind',
      '+ timer escalate',
      '+ command ChangeTask',
      '+ command ChangeTask',
      '+ command CreateTask',
    ]);
    const text = await simulate(world.tenantId, set, '');
    expect(text.out).toContain('1 events: 0 commands and 0 timers as it was, 4 commands and 3');
    expect(text.out).toContain('7 differences. Nothing was done.');
    expect(await counts()).toEqual(before);
  });

  it('tells nothing where nothing would differ', async () => {
    const world = await followUpWorld(test);
    const dealId = await world.wonDeal();
    await world.advance(inDays(60));
    const before = await counts();
    const same = (await simulate(world.tenantId, 'followUp.enabled=true')).json();
    expect(same).toMatchObject({
      counts: { before: { commands: 4, timers: 3 } },
      differences: [],
    });
    const none = (await simulate(world.tenantId, 'followUp.enabled=false')).json();
    expect(told(none)).toHaveLength(7);
    expect(none.differences.every(({ change }: any) => change === '-')).toBe(true);
    expect(await counts()).toEqual(before);
    await world.dispatch('ReopenDeal', {}, dealId);
    await run();
    const later = (await simulate(world.tenantId, 'followUp.remindDays=0')).json();
    expect(told(later)).toContain('- timer remind');
  });

  it('refuses settings it does not know; shows an instance to its own workspace alone', async () => {
    const [world, other] = [await followUpWorld(test), await followUpWorld(test)];
    const wrong = await simulate(world.tenantId, 'followUp.nonsense=3');
    expect([wrong.code, wrong.error + wrong.out]).toEqual([
      2,
      expect.stringContaining('afterDays'),
    ]);
    expect((await simulate(world.tenantId, 'followUp.afterDays=-1')).code).toBe(1);
    const dealId = await other.wonDeal();
    await run();
    const cli = cliOn(test.test);
    const shown = await cli(`sagas show deal-follow-up --tenant ${other.tenantId} --id ${dealId}`);
    expect(shown.out).toMatch(/FollowupPlanned because of DealWon[\s\S]*Waits for begin/);
    const foreign = `sagas show deal-follow-up --tenant ${world.tenantId} --id ${dealId}`;
    expect((await cli(foreign)).code).toBe(1);
    const listed = (await cli('sagas list --json')).json();
    expect(listed.sagas).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'deal-follow-up', kind: 'saga', version: 1 }),
        expect.objectContaining({ name: 'notify-of-assignment', kind: 'effect', version: null }),
      ]),
    );
  });
});

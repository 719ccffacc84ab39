import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { followUpWorld } from '#test/support/followups';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const DAY = 86_400_000;

describe('the follow-up of won deals', () => {
  let test: TestPlatform;
  beforeAll(async () => {
    test = await startTestPlatform();
    await test.platform.sagas.runner.catchUp();
  });
  afterAll(() => test.close());

  it('gives a task, reminds, escalates to the manager and ends when the task is done', async () => {
    const world = await followUpWorld(test);
    const dealId = await world.wonDeal();
    await test.platform.sagas.runner.catchUp();
    const types = async () => (await world.stream(`followup-${dealId}`)).map(({ type }) => type);
    expect(await types()).toEqual(['FollowupPlanned']);
    const far = new Date(Date.now() + 60 * DAY).toISOString();
    await world.advance(far);
    expect(await types()).toEqual([
      'FollowupPlanned',
      'FollowupTimerFired',
      'FollowupAssigned',
      'FollowupTimerFired',
      'FollowupReminded',
      'FollowupTimerFired',
      'FollowupEscalated',
    ]);
    expect(await world.ids('task')).toHaveLength(2);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorkspace, type Workspace } from '#apps/composition/workspace';
import { everything } from '#kernel/context';
import { object, text } from '#kernel/fields';
import { uuidv7 } from '#kernel/ids';
import { defineJob, type Job } from '#platform/jobs/job';
import { JobRunner } from '#platform/jobs/runner';
import { systemContext } from '#platform/platform';
import { cliOn } from '#test/support/cli';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const nap = defineJob({
  kind: 'nap',
  title: ({ who }) => `Nap of ${who}`,
  input: object({ who: text(20) }),
  permission: 'companies:create',
  unit: 'minutes',
  async run({ input: { who }, progress, signal, checkpoint, save }) {
    progress(1_500, 3_000);
    if (who === 'cat' && !checkpoint) {
      await save('slept');
      await sleep(60_000, undefined, { signal });
    }
    await sleep(700, undefined, { signal });
    progress(3_000, 3_000);
    return { rested: true };
  },
});

describe('jobs on the command line', () => {
  let test: TestPlatform;
  let tenant: string;
  let runner: JobRunner;
  let cli: ReturnType<typeof cliOn>;
  beforeAll(async () => {
    test = await startTestPlatform(undefined, { jobs: [nap] });
    cli = cliOn(test.test);
    const made = (await createWorkspace(test.platform, {
      name: 'Hooli',
      ownerEmail: 'owner@hooli.example',
      ownerPassword: 'seven quiet lanterns drift',
    })) as Workspace;
    tenant = made.tenantId;
    runner = new JobRunner(test.platform, {
      atOnce: 2,
      keepDays: 30,
      contextOf: (by) => Promise.resolve({ ...by, grants: everything, requestId: uuidv7() }),
    });
    runner.start();
  }, 30_000);
  afterAll(async () => {
    await runner.stop();
    await test.close();
  });

  const begin = async (who: string) => {
    const ctx = systemContext(tenant, 'spec');
    return (await test.platform.jobs.start('nap', { who }, ctx)) as Job;
  };

  it('follows a job with its progress to its end', async () => {
    const { id } = await begin('dog');
    const { code, out, error } = await cli(`jobs show ${id} --follow --tenant ${tenant}`);
    expect(code).toBe(0);
    expect(error).toContain('Nap of dog: succeeded, 3,000 of 3,000 minutes');
    expect(out).toMatch(/Status +succeeded/);
    expect(out).toMatch(/Result +{"rested":true}/);
    const shown = await cli(`jobs show ${id} --tenant ${tenant} --json`);
    expect(shown.json()).toMatchObject({ id, status: 'succeeded', createdById: null });
  }, 30_000);

  it('lists and cancels, and refuses what cannot be retried', async () => {
    const { id } = await begin('cat');
    const shown = async () => (await cli(`jobs show ${id} --tenant ${tenant} --json`)).json();
    while ((await shown()).progress.done === 0) await sleep(50);
    const list = await cli(`jobs list --status running --tenant ${tenant}`);
    expect(list.out).toMatch(new RegExp(`${id} +nap +Nap of cat +running +1,500 of 3,000 minutes`));
    expect(await cli(`jobs retry ${id} --tenant ${tenant}`)).toMatchObject({
      code: 1,
      // The kind is this spec's; the tool knows those of the product.
      error: 'Jobs of the kind nap can no longer be run.\n  Begin a new job instead.\n',
    });
    const cancel = await cli(`jobs cancel ${id} --tenant ${tenant}`);
    expect(cancel).toMatchObject({ code: 0, out: 'Nap of cat stops within a second.\n' });
    const followed = await cli(`jobs show ${id} --follow --tenant ${tenant} --json`);
    expect(followed.code).toBe(1);
    expect(followed.json()).toMatchObject({ status: 'cancelled' });
    await test.platform.jobs.retry(systemContext(tenant, 'spec'), id);
    const again = await cli(`jobs show ${id} --follow --tenant ${tenant} --json`);
    expect(again.json()).toMatchObject({ status: 'succeeded', attempts: 2 });
    const all = (await cli(`jobs list --kind nap --limit 1 --tenant ${tenant} --json`)).json();
    expect(all.map((job: Job) => job.id)).toEqual([id]);
  }, 60_000);

  it('says what is wrong with a line', async () => {
    const other = uuidv7();
    expect(await cli(`jobs list --status done --tenant ${tenant}`)).toMatchObject({ code: 2 });
    expect(await cli(`jobs list --limit 0 --tenant ${tenant}`)).toMatchObject({ code: 2 });
    expect(await cli(`jobs show ${other} --tenant ${tenant}`)).toMatchObject({
      code: 1,
      error: 'There is no such job in this workspace.\n',
    });
    const { id } = await begin('dog');
    expect(await cli(`jobs show ${id} --tenant ${other}`)).toMatchObject({ code: 1 });
    expect(await cli(`jobs list --kind import --tenant ${tenant}`)).toMatchObject({
      code: 0,
      out: 'There is no such job.\n',
    });
  }, 30_000);
});

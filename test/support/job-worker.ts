import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { live } from '#apps/composition/process-life';
import { product } from '#apps/composition/product';
import { everything } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { integer, object } from '#kernel/fields';
import { environment } from '#platform/config/environment';
import { armFailpoint } from '#platform/failpoints';
import { defineJob } from '#platform/jobs/job';
import { JobRunner } from '#platform/jobs/runner';
import { Platform } from '#platform/platform';

/** Seconds until the job of a killed worker goes on. */
export const LEASE_SECONDS = 3;

/** Writes one row a step, however often that is done. */
export const stepsJob = defineJob({
  kind: 'steps',
  title: ({ steps }) => `Take ${steps} steps`,
  input: object({ steps: integer(1, 1000) }),
  permission: 'companies:create',
  unit: 'steps',
  async run({ id, input: { steps }, checkpoint, save, signal, platform }) {
    const client = new pg.Client({ connectionString: platform.options.url });
    await client.connect();
    try {
      for (let step = Number(checkpoint ?? 0) + 1; step <= steps; step++) {
        await sleep(150, undefined, { signal });
        await client.query('INSERT INTO spec_step (job, step, process) VALUES ($1, $2, $3)', [
          id,
          step,
          process.pid,
        ]);
        await save(step, { done: step, total: steps });
        process.stdout.write(`saved ${step}\n`);
      }
      return { by: process.pid };
    } finally {
      await client.end();
    }
  },
});

/** A worker as a process of its own, for specs that end it. */
async function work(): Promise<{ stop(): Promise<void> }> {
  armFailpoint(environment['FAILPOINT']);
  const platform = await Platform.open({
    url: environment['DATABASE_URL']!,
    masterKey: Buffer.from(environment['MASTER_KEY']!, 'base64'),
    poolSize: 4,
    allowUnsafeDurability: true,
    product,
    jobs: [stepsJob],
    migrate: false,
  });
  const runner = new JobRunner(platform, {
    atOnce: 2,
    keepDays: 30,
    leaseSeconds: LEASE_SECONDS,
    contextOf: (by) => Promise.resolve({ ...by, grants: everything, requestId: uuidv7() }),
    log: ({ message, error }) => process.stderr.write(`${message} ${String(error)}\n`),
  });
  runner.start();
  process.stdout.write('ready\n');
  return {
    stop: async () => {
      await runner.stop();
      await platform.close();
    },
  };
}

if (process.argv[1] === import.meta.filename) await live(work);

import { live } from '#apps/composition/process-life';
import { ImportFiles } from '#apps/composition/import/import-files';
import { importJob } from '#apps/composition/import/import-job';
import { product } from '#apps/composition/product';
import { everything } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { environment } from '#platform/config/environment';
import { JobRunner } from '#platform/jobs/runner';
import { Platform } from '#platform/platform';

/** A worker that imports, as a process of its own, for specs that end it. */
async function work(): Promise<{ stop(): Promise<void> }> {
  const files = new ImportFiles(environment['DATA_DIR']!, 1e9);
  const platform = await Platform.open({
    url: environment['DATABASE_URL']!,
    masterKey: Buffer.from(environment['MASTER_KEY']!, 'base64'),
    poolSize: 6,
    allowUnsafeDurability: true,
    product,
    jobs: [importJob(files)],
    migrate: false,
  });
  platform.projections.start();
  const runner = new JobRunner(platform, {
    atOnce: 1,
    keepDays: 30,
    leaseSeconds: 3,
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

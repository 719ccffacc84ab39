import { createLog } from '#apps/composition/log';
import { runJobs } from '#apps/composition/jobs';
import { sealerOf } from '#apps/composition/sealing';
import { openPlatform } from '#apps/composition/open-platform';
import { live } from '#apps/composition/process-life';
import { loadConfig } from '#platform/config/config';
import { environment } from '#platform/config/environment';

/** Keeps the read models in step, runs sagas and jobs, beside API processes that do not. */
await live(async () => {
  const config = loadConfig(environment);
  const log = createLog(config.logLevel);
  const told = ({ message, error }: { message: string; error?: unknown }) =>
    log.error({ err: error }, message);
  const opened = await openPlatform(config, { say: (line) => log.info(line), log: told });
  opened.platform.projections.start();
  opened.platform.sagas.runner.start();
  const jobs = runJobs(opened.platform, config, told);
  const sealer = await sealerOf(opened.platform, config, told);
  sealer.start();
  process.stdout.write('ClientForge worker is ready.\n');
  return {
    stop: async () => {
      await Promise.all([jobs.stop(), sealer.close()]);
      await opened.close();
    },
  };
});

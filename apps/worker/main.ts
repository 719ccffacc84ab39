import { createLog } from '#apps/composition/log';
import { openPlatform } from '#apps/composition/open-platform';
import { live } from '#apps/composition/process-life';
import { loadConfig } from '#platform/config/config';
import { environment } from '#platform/config/environment';

/** Keeps the read models in step with the log, beside API processes that do not. */
await live(async () => {
  const config = loadConfig(environment);
  const log = createLog(config.logLevel);
  const opened = await openPlatform(config, {
    say: (line) => log.info(line),
    log: ({ message, error }) => log.error({ err: error }, message),
  });
  opened.platform.projections.start();
  process.stdout.write('ClientForge worker is ready.\n');
  return { stop: () => opened.close() };
});

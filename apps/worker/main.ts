import { openPlatform } from '#apps/composition/open-platform';
import { live } from '#apps/composition/process-life';
import { loadConfig } from '#platform/config/config';
import { environment } from '#platform/config/environment';

/** Keeps the read models in step with the log, beside API processes that do not. */
await live(async () => {
  const write = (level: string, message: string, error?: unknown) =>
    process.stderr.write(
      `${JSON.stringify({ level, time: new Date().toISOString(), msg: message, error: (error as Error)?.message })}\n`,
    );
  const opened = await openPlatform(loadConfig(environment), {
    say: (line) => write('info', line),
    log: ({ message, error }) => write('error', message, error),
  });
  opened.platform.projections.start();
  process.stdout.write('ClientForge worker is ready.\n');
  return { stop: () => opened.close() };
});

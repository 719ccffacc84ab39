import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createApi } from '#apps/api/api.module';
import { beginDeletions, tenantDeletionOf } from '#apps/composition/workspace-deletion/deletion';
import { createLog } from '#apps/composition/log';
import { runJobs } from '#apps/composition/jobs';
import { ExportFiles } from '#apps/composition/workspace-export/export-files';
import { sealerOf } from '#apps/composition/sealing';
import { openPlatform } from '#apps/composition/open-platform';
import type { Running } from '#apps/composition/process-life';
import type { Config } from '#platform/config/config';
import { demoAtStart } from './demo-at-start.js';
import { keepHouse } from './housekeeping.js';
import { listen } from './listen.js';

/** Prints for people; logs go elsewhere. */
const say = (line: string) => process.stdout.write(`${line}\n`);

/** The built admin, beside the compiled product. */
function pagesFolder(): string | undefined {
  const folder = join(import.meta.dirname, '..', '..', 'web');
  return existsSync(folder) ? folder : undefined;
}

/** API, pages and worker in one process. */
export async function startServer(config: Config): Promise<Running> {
  const log = createLog(config.logLevel);
  const told = ({ message, error }: { message: string; error?: unknown }) =>
    log.error({ err: error }, message);
  const opened = await openPlatform(config, { say, log: told });
  const { platform } = opened;
  try {
    // Projecting at the same time would only make it slower.
    const demo = await demoAtStart(platform, config, say);
    platform.projections.start();
    platform.sagas.runner.start();
    const sealer = await sealerOf(platform, config, told);
    const pages = pagesFolder();
    const sample = demo?.password ? { ...demo, password: demo.password } : undefined;
    const app = await createApi({
      platform,
      config,
      log,
      ...(pages ? { pages } : {}),
      ...(sample && demo?.known ? { sample } : {}),
    });
    const listening = await listen(app, config.host, config.port);
    const jobs = runJobs(platform, config, told);
    sealer.start();
    const exports = new ExportFiles(config.dataDir);
    const house = keepHouse(
      platform,
      (err) => log.error({ err }, 'cleaning up failed'),
      async (now) => {
        await exports.cleanUp(now);
        await tenantDeletionOf(platform, config).settle();
        await beginDeletions(platform, now);
      },
    );
    say(`ClientForge is ready at http://${config.host}:${listening.port}`);
    if (sample) {
      const { workspace, email, password } = sample;
      say(`Sign in: workspace ${workspace}, e-mail ${email}, password “${password}”`);
    }
    return {
      stop: async () => {
        await Promise.all([listening.close(), jobs.stop()]);
        await Promise.all([sealer.close(), house.stop()]);
        await opened.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

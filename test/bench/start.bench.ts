import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.js';
import { startProduct, stop, type Served } from './served.js';

const IDLE_MS = 10_000;

export interface StartParts {
  /** What the folder holds, in a few words. */
  readonly holding: string;
  /** A data folder that nobody uses any more. */
  readonly dataDir: () => Promise<string>;
  readonly bareServer: () => Promise<Served>;
}

/** How long `npm start` takes where data are, and what the server then needs while nobody asks. */
export function startBenches({ holding, dataDir, bareServer }: StartParts): readonly Bench[] {
  const baselineName = 'bare Fastify server';
  let memory: { readonly product: number; readonly bare: number } | undefined;
  const start = async () => {
    const server = await startProduct(await dataDir(), { DEMO: 'false' });
    try {
      await sleep(IDLE_MS);
      const health = (await (await fetch(`${server.url}/health`)).json()) as {
        system: { memory_rss_mb: number };
      };
      const bare = await fetch(`${(await bareServer()).url}/memory`);
      const { rss } = (await bare.json()) as { rss: number };
      memory = { product: health.system.memory_rss_mb, bare: rss / 2 ** 20 };
      return server.seconds;
    } finally {
      await stop(server);
    }
  };
  return [
    {
      name: `npm start to ready, ${holding}`,
      unit: 's',
      most: 8,
      run: async () => {
        const figure = await start();
        return { figure, baseline: (await bareServer()).seconds, baselineName };
      },
    },
    {
      name: `idle resident memory, ${holding}`,
      unit: 'MB',
      most: 350,
      run: async () => {
        if (!memory) await start();
        return { figure: memory!.product, baseline: memory!.bare, baselineName };
      },
    },
  ];
}

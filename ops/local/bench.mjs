// `npm run bench`: measures the product beside its baselines in the same run.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from './chromium.mjs';
import { prepare } from './prepare.mjs';
import { Advice, main, node24, root, run } from './shell.mjs';

const needsNoPages = ['--make', '--list', '--help'];

await main(async () => {
  const given = process.argv.slice(2);
  const pages = !given.some((word) => needsNoPages.includes(word));
  // Built now, so that no bench waits for it.
  await prepare({ parts: pages ? ['backend', 'web'] : ['backend'] });
  const env = { CLIENTFORGE_CHROMIUM: (pages && (await chromium())) || '' };
  // Under another name, so that only the benches of that store leave the database for it.
  env.CLIENTFORGE_BENCH_KURRENTDB = process.env.KURRENTDB_URL ?? '';
  delete process.env.KURRENTDB_URL;
  const entry = join(root, 'dist', 'test', 'bench', 'main.js');
  if (!existsSync(entry)) throw new Advice('test/bench/main.ts is missing.');
  const args = ['--enable-source-maps', '--expose-gc', entry, ...given];
  const { code } = await run(node24(), args, { inherit: true, env });
  return code;
});

// `npm run bench`: measures the product beside its baselines in the same run.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { Advice, main, node24, root, run } from './shell.mjs';

await main(async () => {
  await prepare({ parts: ['backend'] });
  const entry = join(root, 'dist', 'test', 'bench', 'main.js');
  if (!existsSync(entry)) throw new Advice('test/bench/main.ts is missing.');
  const args = ['--enable-source-maps', '--expose-gc', entry, ...process.argv.slice(2)];
  const { code } = await run(node24(), args, { inherit: true });
  return code;
});

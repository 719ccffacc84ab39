// `npm run cli -- <command>`: the operator's commands, built first when the sources changed.
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { main, node24, root, run } from './shell.mjs';

await main(async () => {
  await prepare({ parts: ['backend'], quiet: true });
  // Ctrl-C reaches the command through the terminal; we only wait for it to finish.
  process.on('SIGINT', () => {});
  const entry = join(root, 'dist', 'apps', 'cli', 'main.js');
  const args = ['--enable-source-maps', entry, ...process.argv.slice(2)];
  const { code } = await run(node24(), args, { inherit: true });
  return code;
});

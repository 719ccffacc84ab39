// `npm run soak -- --rounds 20 [--seed N] [--only R6] [--strict]`: random rounds of faults under load,
// on the built product and a PostgreSQL of its own. `--strict` fails where a profile was skipped.
// `-- --only crashes --events 100000`: two workers killed at every failpoint beside a long log.
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { main, node24, root, run } from './shell.mjs';

await main(async () => {
  await prepare({ parts: ['backend'], quiet: true });
  const { default: start } = await import('./test-postgres.mjs');
  const { default: stop } = await import('./test-postgres-stop.mjs');
  await start();
  try {
    const file = join(root, 'dist', 'test', 'faults', 'soak.js');
    const args = ['--no-warnings', file, ...process.argv.slice(2)];
    return (await run(node24(), args, { inherit: true })).code;
  } finally {
    await stop();
  }
});
